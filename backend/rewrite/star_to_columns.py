"""`SELECT *` becomes the columns: those that the query around uses, or at the top all of them."""

from collections.abc import Iterator

from sqlglot import exp

from backend.domain.case_file import TableFact
from backend.domain.in_words import counted
from backend.domain.rewrite import Precondition
from backend.rewrite.names import identifier
from backend.rewrite.outermost import outermost_selects
from backend.rewrite.places import query_behind
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.sources import Source

MOST_COLUMNS = 400
"""A longer list is nothing to read."""


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    outermost = list(outermost_selects(reading.tree))
    for select in reading.selects():
        stars = [projection for projection in select.expressions if projection.is_star]
        if not stars:
            continue
        if any(select is each for each in outermost):
            wanted: set[str] | None = None
        else:
            wanted = _used_outside(reading, select)
            if wanted is None:
                continue
        yield from _judge(reading, select, stars, wanted)


def _judge(
    reading: Reading, select: exp.Select, stars: list[exp.Expr], wanted: set[str] | None
) -> Iterator[Edit | Refusal]:
    expanded: list[exp.Expr] = []
    starred: list[Source] = []
    for projection in select.expressions:
        sources = reading.reader.starred(select, projection) if projection in stars else []
        if sources is None or any(source.columns is None for source in sources):
            yield reading.refusal(
                "SELECT * could not be written out: the columns of one of its sources are not "
                "known, or are merged by USING.",
                "",
            )
            return
        starred += sources
        expanded += _columns(reading, select, sources, wanted) if sources else [projection]
    total = sum(len(source.columns or ()) for source in starred)
    kept = len(expanded) - (len(select.expressions) - len(stars))
    if kept > MOST_COLUMNS or (wanted is not None and kept >= total):
        return
    facts = _facts_behind(reading, starred)
    widest = max(facts, key=lambda fact: len(fact.table.columns), default=None)
    query = select.copy()
    query.set("expressions", expanded)
    yield Edit(
        subject=widest.table.full_name if widest else "",
        replaced=((select, query),),
        clauses=((_list_of(select), _list_of(query)),),
        preconditions=_preconditions(reading, facts, wanted, kept, total),
        remark=_remark(total) if wanted is None else "",
    )


def _remark(total: int) -> str:
    return (
        f"These are all {counted(total, 'column')}, in the order of *; nobody can tell from here "
        "which of them the reader uses. Strike the others: only then less is read"
    )


def _columns(
    reading: Reading, select: exp.Select, starred: list[Source], wanted: set[str] | None
) -> list[exp.Expr]:
    """Qualified where the SELECT has several sources."""
    sources = reading.reader.sources(select)
    is_only = sources is not None and len(sources.by_alias) == 1
    names = [
        (source, name)
        for source in starred
        for name in source.columns or ()
        if wanted is None or name in wanted
    ]
    if not names:  # COUNT(*) and its kin need some column
        names = [(starred[0], (starred[0].columns or ("",))[0])]
    return [_column(source, name, is_only=is_only) for source, name in names]


def _column(source: Source, name: str, *, is_only: bool) -> exp.Column:
    if is_only:
        return exp.Column(this=identifier(name))
    alias = source.node.args.get("alias")
    table = alias.this if alias is not None and alias.this is not None else source.node.this
    return exp.Column(this=identifier(name), table=table.copy())


def _used_outside(reading: Reading, select: exp.Select) -> set[str] | None:
    """Every name of a column outside the query; None where it is not certain that names are all
    that is used of it, or where leaving out a column would change its rows."""
    if select.args.get("distinct") or not _is_source(select):
        return None
    names = reading.reader.output_names(select)
    if names is not None and len(set(names)) < len(names):
        return None
    for other in reading.selects():
        if other is select or not _reads(other, select):
            continue
        sources = reading.reader.sources(other)
        if sources is None or _takes_all(reading, other, select):
            return None
        if any(join.method for join in other.args.get("joins") or []):
            return None  # NATURAL joins by all names that both sides have
    inside = set(map(id, select.find_all(exp.Identifier)))
    return {
        node.name.lower()
        for node in reading.tree.find_all(exp.Identifier)
        if id(node) not in inside
    }


def _is_source(select: exp.Select) -> bool:
    """A whole derived table, or a whole WITH query, with its own names of columns."""
    parent = select.parent
    if isinstance(parent, exp.CTE):
        with_ = parent.parent
        is_recursive = isinstance(with_, exp.With) and bool(with_.args.get("recursive"))
        return not parent.args["alias"].columns and not is_recursive
    if not isinstance(parent, exp.Subquery) or not isinstance(parent.parent, exp.From | exp.Join):
        return False
    alias = parent.args.get("alias")
    return alias is not None and not alias.columns


def _reads(other: exp.Select, select: exp.Select) -> bool:
    return any(query_behind(node) is select for node in _source_nodes(other))


def _source_nodes(select: exp.Select) -> Iterator[exp.Expr]:
    first = select.args.get("from_")
    if first is not None:
        yield first.this
    for join in select.args.get("joins") or []:
        yield join.this


def _takes_all(reading: Reading, other: exp.Select, select: exp.Select) -> bool:
    """By a star in its select list, or by the name of the source alone: COUNT(x.*), f(x)."""
    for projection in other.expressions:
        if projection.is_star:
            starred = reading.reader.starred(other, projection)
            if starred is None or any(query_behind(each.node) is select for each in starred):
                return True
    aliases = {node.alias_or_name.lower() for node in _source_nodes(other)}
    return any(
        not _is_shown(column, other)
        if isinstance(column.this, exp.Star)
        else not column.table and column.name.lower() in aliases
        for column in other.find_all(exp.Column)
    )


def _is_shown(star: exp.Column, other: exp.Select) -> bool:
    return star.parent is other and star.arg_key == "expressions"


def _facts_behind(reading: Reading, starred: list[Source]) -> list[TableFact]:
    """The base tables whose columns the star hands on."""
    facts: dict[str, TableFact] = {}
    for source in starred:
        if source.fact is not None:
            facts[source.fact.fact_id] = source.fact
        elif isinstance(source.query, exp.Select):
            for projection in source.query.expressions:
                if projection.is_star:
                    inner = reading.reader.starred(source.query, projection) or []
                    facts |= {fact.fact_id: fact for fact in _facts_behind(reading, inner)}
    return list(facts.values())


def _preconditions(
    reading: Reading, facts: list[TableFact], wanted: set[str] | None, kept: int, total: int
) -> tuple[Precondition, ...]:
    ids = tuple(fact.fact_id for fact in facts)
    known = Precondition(
        sentence="All columns of what * stands for are known, in their order",
        how_checked="SVV_REDSHIFT_COLUMNS as collected; a column added since is not among them",
        fact_ids=(*reading.statement_ids, *ids),
    )
    if wanted is None:
        return (known,)
    return (
        known,
        reading.by_statement(
            f"The rest of the statement names {kept} of the {counted(total, 'column')}",
            "every name outside the query counts as used; nothing around it takes * of it",
        ),
    )


def _list_of(select: exp.Select) -> exp.Select:
    return exp.Select(expressions=[each.copy() for each in select.expressions])


RULE = RewriteRule(
    name="star_to_columns",
    check="select_star",
    title="Name the columns instead of *",
    find=find,
)
