"""Branches of a UNION, each of one row of the same scan, fed by one WITH query."""

from collections.abc import Iterator

from sqlglot import exp

from backend.rewrite.names import fresh_name, names_in, numbered_name
from backend.rewrite.one_scan import (
    Scan,
    combined,
    groups_of,
    proofs_of,
    read_scan,
    refused_group,
)
from backend.rewrite.outermost import outermost_selects
from backend.rewrite.rule import Edit, Reading, Refusal
from backend.rewrite.twins import twins_of


def of_branches(reading: Reading) -> Iterator[Edit | Refusal]:
    """At the top of the statement only: Redshift allows no WITH inside a WITH query."""
    tree = reading.tree
    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    if not isinstance(query, exp.Union):
        return
    read = [read_scan(reading, select) for select in outermost_selects(tree)]
    scans = [scan for scan in read if scan is not None]
    for group in groups_of(scans):
        refused = refused_group(reading, group)
        yield refused or _with_common_scan(reading, query, group)


def _with_common_scan(reading: Reading, union: exp.Union, group: list[Scan]) -> Edit:
    taken = names_in(reading.tree)
    alias = fresh_name("one_scan", taken)
    taken.add(alias)
    names: list[list[str]] = []
    for scan in group:
        own = []
        for projection in scan.select.expressions:
            is_aggregate = projection.find(exp.AggFunc) is not None
            own.append(numbered_name("value", taken) if is_aggregate else "")
            taken.add(own[-1])
        names.append(own)
    whole = union.copy()
    twins = twins_of(union, whole)
    for scan, own in zip(group, names, strict=True):
        twins[id(scan.select)].replace(_branch(scan, own, alias))
    cte = exp.CTE(this=combined(group, names), alias=exp.TableAlias(this=exp.to_identifier(alias)))
    with_ = whole.args.get("with_")
    if isinstance(with_, exp.With):
        with_.set("expressions", [*with_.expressions, cte])
    else:
        whole.set("with_", exp.With(expressions=[cte]))
    return Edit(
        subject=group[0].table_name,
        replaced=((union, whole),),
        clauses=(
            *(
                (scan.select, _branch(scan, own, alias))
                for scan, own in zip(group, names, strict=True)
            ),
            (None, cte),
        ),
        preconditions=proofs_of(reading, group),
    )


def _branch(scan: Scan, names: list[str], alias: str) -> exp.Select:
    """The branch with each aggregate taken from the common scan."""
    projections: list[exp.Expr] = []
    for projection, name in zip(scan.select.expressions, names, strict=True):
        if not name:
            projections.append(projection.copy())
            continue
        column = exp.column(name, table=alias)
        given = projection.alias if isinstance(projection, exp.Alias) else ""
        projections.append(exp.alias_(column, projection.args["alias"].copy()) if given else column)
    return exp.Select(expressions=projections, from_=exp.From(this=exp.to_table(alias)))
