"""Several aggregates of the same rows under different conditions, put into one SELECT."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlglot import exp

from backend.domain.rewrite import Precondition
from backend.rewrite.aggregates import aggregates_of, is_distinct, with_condition
from backend.rewrite.conditions import (
    is_repeatable,
    joined_by_and,
    joined_by_or,
    own_columns,
    parts,
)
from backend.rewrite.numbered import shown
from backend.rewrite.rule import Reading, Refusal
from backend.rewrite.select_shape import is_plain_select
from backend.rewrite.sources import Sources


@dataclass(frozen=True, kw_only=True, eq=False)
class Scan:
    """A SELECT of nothing but aggregates, so of exactly one row; `rows_from` tells its FROM."""

    select: exp.Select
    rows_from: str
    table_name: str
    fact_ids: tuple[str, ...]

    @property
    def conditions(self) -> list[exp.Expr]:
        where = self.select.args.get("where")
        return list(parts(where.this, exp.And)) if where is not None else []


def read_scan(reading: Reading, select: exp.Expr) -> Scan | None:
    """None unless every part may be worked out over other rows too, without another outcome."""
    if not isinstance(select, exp.Select) or not is_plain_select(select):
        return None
    sources = reading.reader.sources(select)
    if sources is None or not _are_plain(sources) or not _is_steady(reading, select):
        return None
    facts = [each.fact for each in sources.by_alias.values() if each.fact is not None]
    if not facts:
        return None
    parts_of_from = (select.args["from_"], *(select.args.get("joins") or []))
    return Scan(
        select=select,
        rows_from=" ".join(shown(part, is_pretty=False).lower() for part in parts_of_from),
        table_name=max(facts, key=lambda fact: fact.table.row_count or 0).table.full_name,
        fact_ids=tuple(fact.fact_id for fact in facts),
    )


def _are_plain(sources: Sources) -> bool:
    """Tables and WITH queries by their names, inner joins only."""
    named = [isinstance(each.node, exp.Table) for each in sources.by_alias.values()]
    return all(named) and bool(named) and not (sources.has_outer_join or sources.merges_columns)


def _is_steady(reading: Reading, select: exp.Select) -> bool:
    """Nothing but movable aggregates is shown, nothing unsteady is asked, all of its own columns."""
    found = [aggregates_of(each.unalias()) for each in select.expressions]
    if not any(found) or any(each is None for each in found):
        return False
    joins = select.args.get("joins") or []
    conditions = [part for join in joins if (part := join.args.get("on")) is not None]
    where = select.args.get("where")
    conditions += [where.this] if where is not None else []
    return all(is_repeatable(each) for each in conditions) and all(
        _is_own(reading, column, select) for column in own_columns(select)
    )


def _is_own(reading: Reading, column: exp.Column, select: exp.Select) -> bool:
    owner = reading.reader.owner(column)
    return owner is not None and owner.of is select


def distinct_count(scans: Sequence[Scan]) -> int:
    """How many aggregates tell values apart: each of them needs a pass of its own."""
    return sum(
        is_distinct(node)
        for scan in scans
        for projection in scan.select.expressions
        for node in aggregates_of(projection.unalias()) or ()
    )


def combined(scans: Sequence[Scan], names: Sequence[Sequence[str]]) -> exp.Select:
    """One SELECT with the columns of all scans, named as told; a name of "" leaves one out.

    Conditions that all scans demand stay in WHERE; what differs goes into a CASE inside each
    aggregate, and rows that no scan wants are left out.
    """
    shared = _shared(scans)
    own = [[each for each in scan.conditions if _text(each) not in shared] for scan in scans]
    whole = scans[0].select.copy()
    projections: list[exp.Expr] = []
    for scan, conditions, own_names in zip(scans, own, names, strict=True):
        for projection, name in zip(scan.select.expressions, own_names, strict=True):
            if name:
                value = _narrowed(projection.unalias(), conditions)
                projections.append(exp.alias_(value, name))
    whole.set("expressions", projections)
    kept = [each for each in scans[0].conditions if _text(each) in shared]
    if all(own):
        wanted = [joined_by_and(conditions) for conditions in own]
        kept.append(joined_by_or(wanted))
    whole.set("where", exp.Where(this=joined_by_and(kept)) if kept else None)
    return whole


def _shared(scans: Sequence[Scan]) -> set[str]:
    """Conditions written alike in all scans; those with a masked value are never alike."""
    texts = [{_text(each) for each in scan.conditions} for scan in scans]
    return set.intersection(*texts)


def _text(condition: exp.Expr) -> str:
    return shown(condition, is_pretty=False).lower()


def _narrowed(projection: exp.Expr, conditions: list[exp.Expr]) -> exp.Expr:
    holder = exp.Paren(this=projection.copy())
    if conditions:
        condition = joined_by_and(conditions)
        for node in aggregates_of(holder.this) or ():
            node.replace(with_condition(node, condition))
    narrowed: exp.Expr = holder.this
    return narrowed


def groups_of(scans: Sequence[Scan]) -> Iterator[list[Scan]]:
    """Scans of the same rows, two or more."""
    ordered = sorted(scans, key=lambda scan: scan.rows_from)
    for _, same in groupby(ordered, key=lambda scan: scan.rows_from):
        group = list(same)
        if len(group) > 1:
            yield group


def refused_group(reading: Reading, group: list[Scan]) -> Refusal | None:
    many = distinct_count(group)
    if many < 2:
        return None
    return Refusal(
        sentence=f"The scans of {group[0].table_name} could not be put together: "
        f"{many} aggregates are DISTINCT, and each needs a pass of its own.",
        subject=group[0].table_name,
        fact_ids=(*reading.statement_ids, *group[0].fact_ids),
    )


def proofs_of(reading: Reading, group: list[Scan]) -> tuple[Precondition, ...]:
    return (
        Precondition(
            sentence=f"{len(group)} queries read {group[0].table_name} in the same way",
            how_checked="FROM and JOIN compared word for word; there is no outer join",
            fact_ids=(*reading.statement_ids, *group[0].fact_ids),
        ),
        reading.by_statement(
            "Each gives one row of COUNT, SUM, AVG, MIN or MAX, and leaves out NULL",
            "so a CASE without ELSE inside the aggregate leaves out the rows of the others; over "
            "no row COUNT is 0 and the others are NULL, as before",
        ),
        reading.by_statement(
            "The conditions may be worked out for every row: no query and no unsteady function"
        ),
    )


def derived_table(query: exp.Select, alias: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)))
