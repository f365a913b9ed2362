"""A statement and its rewrite on many databases, and whether those databases tell anything."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import exp, parse_one

from tests.unit.rewrite.databases import databases
from tests.unit.rewrite.duck import Duck, DuckTable, as_duckdb


@dataclass(kw_only=True)
class Trials:
    """`differing` are databases on which the two gave other rows; `outcomes` are the values that
    each condition of the statement took."""

    run: int = 0
    with_rows: int = 0
    differing: list[str] = field(default_factory=list)
    outcomes: dict[str, set[bool]] = field(default_factory=dict)

    @property
    def one_sided(self) -> list[str]:
        """Conditions that were never both met and not met."""
        return [condition for condition, seen in self.outcomes.items() if len(seen) < 2]


def tried(
    tables: Sequence[DuckTable], before: str, after: str, *, count: int, seed: int = 1
) -> Trials:
    """Both statements are Redshift SQL with literals."""
    trials = Trials()
    probes = _probes(before)
    old, new = as_duckdb(before), as_duckdb(after)
    with Duck(tables) as duck:
        for rows in databases(tables, before, count=count, seed=seed):
            duck.fill(rows)
            expected = duck.bag(old)
            trials.run += 1
            trials.with_rows += bool(expected)
            if duck.bag(new) != expected:
                trials.differing.append(f"{rows}\n{expected}\n{duck.bag(new)}")
            for condition, probe in probes.items():
                seen = trials.outcomes.setdefault(condition, set())
                if len(seen) < 2:
                    seen.update(bool(value) for (value,) in duck.bag(probe))
    return trials


def _probes(sql: str) -> dict[str, str]:
    """For each condition in a WHERE that its own FROM clause can answer: whether it was met."""
    tree = parse_one(sql, read="redshift")
    probes: dict[str, str] = {}
    for select in tree.find_all(exp.Select):
        where, source = select.args.get("where"), select.args.get("from_")
        if where is None or source is None or not _stands_alone(select):
            continue
        for condition in where.this.flatten() if isinstance(where.this, exp.And) else [where.this]:
            probe = exp.Select(
                expressions=[
                    exp.Coalesce(this=exp.Paren(this=condition.copy()), expressions=[exp.false()])
                ],
                from_=source.copy(),
                joins=[join.copy() for join in select.args.get("joins") or []],
                with_=tree.args["with_"].copy() if tree.args.get("with_") else None,
            )
            probes[condition.sql("redshift")] = as_duckdb(probe.sql("redshift"))
    return probes


def _stands_alone(select: exp.Select) -> bool:
    """At the top, or a source of such a query: tied to nothing around it."""
    parent = select.parent
    sources = (exp.Subquery, exp.From, exp.Join, exp.SetOperation, exp.CTE, exp.With, exp.Select)
    while isinstance(parent, sources):
        parent = parent.parent
    return parent is None
