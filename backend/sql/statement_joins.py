"""Which columns the statement itself sets equal, for patterns whose plan was not recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from backend.domain.case_file import CaseFile, TableFact
from backend.sql.parse import NotParsedError, parse
from backend.sql.placeholders import with_stand_ins
from backend.sql.plan_joins import JoinPair, JoinSide, has_column

STATEMENTS_KEPT = 64


@dataclass(frozen=True)
class _Column:
    qualifier: str
    name: str


@dataclass(frozen=True)
class _Equalities:
    """Pairs of columns, and what each qualifier means where it means one table only."""

    pairs: tuple[tuple[_Column, _Column], ...] = ()
    table_names: tuple[tuple[str, str], ...] = ()


def can_be_read(case: CaseFile) -> bool:
    return bool(case.scrubbed_sql) and _equalities(case.scrubbed_sql or "") is not None


def statement_pairs(case: CaseFile) -> tuple[JoinPair, ...]:
    """Joins of two known, different tables; the smaller one is taken for the inner side."""
    pairs = []
    for left, right in set_equal(case):
        if left.table is None or right.table is None or left.table == right.table:
            continue
        inner, outer = sorted((left, right), key=lambda side: side.rows)
        pairs.append(JoinPair(outer=outer, inner=inner))
    return tuple(dict.fromkeys(pairs))


def set_equal(case: CaseFile) -> Iterator[tuple[JoinSide, JoinSide]]:
    """Both sides of each equality of two columns, also within one table."""
    found = _equalities(case.scrubbed_sql) if case.scrubbed_sql else None
    if found is None:
        return
    names = dict(found.table_names)
    for left, right in found.pairs:
        yield _side(case, left, names), _side(case, right, names)


def _side(case: CaseFile, column: _Column, names: dict[str, str]) -> JoinSide:
    fact = _owner(case, column, names)
    return JoinSide(
        column_name=column.name,
        table=fact,
        table_names=(fact.table.full_name,) if fact else (),
        rows=(fact.table.row_count or 0) if fact else 0,
    )


def _owner(case: CaseFile, column: _Column, names: dict[str, str]) -> TableFact | None:
    if column.qualifier:
        fact = case.table(names[column.qualifier]) if column.qualifier in names else None
        return fact if fact and has_column(fact, column.name) else None
    owners = [fact for fact in case.tables if has_column(fact, column.name)]
    return owners[0] if len(owners) == 1 else None


@lru_cache(maxsize=STATEMENTS_KEPT)
def _equalities(scrubbed_sql: str) -> _Equalities | None:
    """None where the statement does not parse."""
    try:
        (tree,) = parse(with_stand_ins(scrubbed_sql))
    except (NotParsedError, ValueError):
        return None
    meanings: dict[str, set[str]] = {}
    for table in tree.find_all(exp.Table):
        full_name = ".".join(part.name for part in table.parts)
        meanings.setdefault(table.alias_or_name.lower(), set()).add(full_name.lower())
    return _Equalities(
        pairs=tuple(dict.fromkeys(_column_pairs(tree))),
        table_names=tuple(
            (qualifier, next(iter(tables)))
            for qualifier, tables in meanings.items()
            if len(tables) == 1
        ),
    )


def _column_pairs(tree: exp.Expr) -> Iterator[tuple[_Column, _Column]]:
    for equality in tree.find_all(exp.EQ):
        left, right = equality.this.unnest(), equality.expression.unnest()
        if isinstance(left, exp.Column) and isinstance(right, exp.Column):
            yield _column(left), _column(right)
    for membership in tree.find_all(exp.In):
        query = membership.args.get("query")
        inside = query.unnest() if query is not None else None
        if isinstance(inside, exp.Select) and len(inside.selects) == 1:
            left, right = membership.this.unnest(), inside.selects[0].unalias()
            if isinstance(left, exp.Column) and isinstance(right, exp.Column):
                yield _column(left), _column(right)


def _column(column: exp.Column) -> _Column:
    return _Column(qualifier=column.table.lower(), name=column.name)
