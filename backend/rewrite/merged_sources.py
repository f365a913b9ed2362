"""Derived tables of one FROM clause, each of one row of the same scan, put into one."""

from collections.abc import Iterator

from sqlglot import exp

from backend.rewrite.names import fresh_name, names_in
from backend.rewrite.one_scan import (
    Scan,
    combined,
    derived_table,
    groups_of,
    proofs_of,
    read_scan,
    refused_group,
)
from backend.rewrite.rule import Edit, Reading, Refusal
from backend.rewrite.sources import Sources
from backend.rewrite.twins import twins_of


def of_derived_tables(reading: Reading, select: exp.Select) -> Iterator[Edit | Refusal]:
    sources = reading.reader.sources(select)
    if sources is None or len(sources.by_alias) < 2:
        return
    if not all(map(_is_crossed, select.args.get("joins") or [])):
        return  # the order of the sources then matters
    scans: dict[str, Scan] = {}
    for alias, source in sources.by_alias.items():
        scan = read_scan(reading, source.node.this)
        if scan is not None and source.columns is not None and source.query is not None:
            scans[alias] = scan
    for group in groups_of(list(scans.values())):
        aliases = [alias for alias, scan in scans.items() if scan in group]
        own = [scans[alias] for alias in aliases]
        found = refused_group(reading, own) or _merged(reading, select, sources, own, aliases)
        if found is not None:
            yield found


def _is_crossed(join: exp.Join) -> bool:
    is_linked = join.args.get("on") or join.args.get("using")
    return not (is_linked or join.side or join.method)


def _merged(
    reading: Reading,
    select: exp.Select,
    sources: Sources,
    group: list[Scan],
    aliases: list[str],
) -> Edit | None:
    """The FROM clause with one derived table for all; their columns keep their names, or get the
    alias in front where two have the same."""
    names = [[each.output_name.lower() for each in scan.select.expressions] for scan in group]
    every = [name for own in names for name in own]
    is_unique = len(set(every)) == len(every)
    is_whole = len(aliases) == len(sources.by_alias)
    has_star = any(projection.is_star for projection in select.expressions)
    if not all(every) or (has_star and not (is_unique and is_whole)):
        return None
    if not is_unique:
        names = [
            [f"{alias}_{name}" for name in own] for alias, own in zip(aliases, names, strict=True)
        ]
        every = [name for own in names for name in own]
        if len(set(every)) < len(every) or set(every) & names_in(reading.tree):
            return None
    old_names = {
        (alias, each.output_name.lower()): name
        for alias, scan, own in zip(aliases, group, names, strict=True)
        for each, name in zip(scan.select.expressions, own, strict=True)
    }
    alias = fresh_name("one_scan", names_in(reading.tree))
    query = _renamed(reading, select, aliases, old_names, alias)
    if query is None:
        return None
    whole = combined(group, names)
    derived = derived_table(whole, alias)
    _replace_sources(query, [sources.by_alias[each].node for each in aliases], select, derived)
    return Edit(
        subject=group[0].table_name,
        replaced=((select, query),),
        clauses=(
            *((sources.by_alias[each].node, None) for each in aliases),
            (None, derived),
        ),
        preconditions=proofs_of(reading, group),
    )


def _renamed(
    reading: Reading,
    select: exp.Select,
    aliases: list[str],
    old_names: dict[tuple[str, str], str],
    alias: str,
) -> exp.Select | None:
    """A copy in which every column of the old derived tables is one of the new; None in doubt."""
    query = select.copy()
    twins = twins_of(select, query)
    for node in select.find_all(exp.Column):
        twin = twins[id(node)]
        if node.is_star:
            continue
        owner = reading.reader.owner(node)
        if owner is None:
            if _may_be_of(node, aliases, old_names):
                return None
            continue
        if owner.of is not select or owner.source.alias not in aliases:
            continue
        new = exp.column(old_names[owner.source.alias, owner.name], table=alias)
        is_shown = twin.parent is query and twin.arg_key == "expressions"
        if is_shown and new.name.lower() != node.name.lower():
            twin.replace(exp.alias_(new, node.name.lower()))
        else:
            twin.replace(new)
    return query


def _may_be_of(
    column: exp.Column, aliases: list[str], old_names: dict[tuple[str, str], str]
) -> bool:
    if column.table:
        return column.table.lower() in aliases
    return column.name.lower() in {name for _, name in old_names}


def _replace_sources(
    query: exp.Select, nodes: list[exp.Expr], select: exp.Select, derived: exp.Subquery
) -> None:
    """The first of the old derived tables gives way to the new, the others go."""
    first = select.args["from_"].this
    joins = list(query.args.get("joins") or [])
    old_joins = select.args.get("joins") or []
    gone = {id(node) for node in nodes}
    is_placed = id(first) in gone
    if is_placed:
        query.args["from_"].set("this", derived)
    kept = []
    for old, new in zip(old_joins, joins, strict=True):
        if id(old.this) not in gone:
            kept.append(new)
        elif not is_placed:
            new.set("this", derived)
            kept.append(new)
            is_placed = True
    query.set("joins", kept)
