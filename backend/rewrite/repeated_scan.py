"""Several aggregates of one table under different conditions are read in one go, with CASE."""

from collections.abc import Iterator

from sqlglot import exp

from backend.rewrite.common_scan import of_branches
from backend.rewrite.joins_added import with_source
from backend.rewrite.merged_sources import of_derived_tables
from backend.rewrite.names import fresh_name, names_in, numbered_name
from backend.rewrite.one_scan import (
    Scan,
    combined,
    derived_table,
    groups_of,
    proofs_of,
    read_scan,
    refused_group,
)
from backend.rewrite.places import NOT_SCALAR, enclosing_select, place_in
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.select_shape import has_aggregate
from backend.rewrite.sources import Sources
from backend.rewrite.twins import twins_of


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for select in reading.selects():
        yield from _of_scalars(reading, select)
        yield from of_derived_tables(reading, select)
    yield from of_branches(reading)


def _of_scalars(reading: Reading, select: exp.Select) -> Iterator[Edit | Refusal]:
    sources = reading.reader.sources(select)
    if sources is None:
        return
    read = [
        read_scan(reading, subquery.this)
        for subquery in select.find_all(exp.Subquery)
        if _is_scalar_of(subquery, select)
    ]
    scans = [scan for scan in read if scan is not None and len(scan.select.expressions) == 1]
    for group in groups_of(scans):
        found = refused_group(reading, group) or _with_values(reading, select, sources, group)
        if found is not None:
            yield found


def _with_values(
    reading: Reading, select: exp.Select, sources: Sources, group: list[Scan]
) -> Edit | None:
    """Each subquery gives way to its column of one derived table of one row."""
    taken = names_in(reading.tree)
    alias = fresh_name("one_scan", taken)
    taken.add(alias)
    query = select.copy()
    twins = twins_of(select, query)
    columns: list[tuple[exp.Expr, exp.Expr]] = []
    names: list[list[str]] = []
    for scan in group:
        names.append([numbered_name("value", taken)])
        taken.add(names[-1][0])
        column = exp.column(names[-1][0], table=alias)
        subquery = scan.select.parent
        if subquery is None:
            return None
        twins[id(subquery)].replace(column)
        columns.append((subquery, column))
    join = exp.Join(this=derived_table(combined(group, names), alias), kind="CROSS")
    if not with_source(sources, query, join):
        return None
    return Edit(
        subject=group[0].table_name,
        replaced=((select, query),),
        clauses=(*columns, (None, join)),
        preconditions=proofs_of(reading, group),
    )


def _is_scalar_of(subquery: exp.Subquery, select: exp.Select) -> bool:
    """A value in the select list or WHERE of a SELECT that takes no rows together there."""
    if enclosing_select(subquery) is not select or subquery.alias:
        return False
    if isinstance(subquery.parent, NOT_SCALAR):
        return False
    place = place_in(subquery, select)
    takes_together = select.args.get("group") or has_aggregate(select)
    return place == "where" or (place == "expressions" and not takes_together)


RULE = RewriteRule(
    name="repeated_scan",
    check="repeated_scan",
    title="Read {subject} once for all its aggregates",
    find=find,
)
