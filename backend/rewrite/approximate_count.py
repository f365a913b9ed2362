"""COUNT(DISTINCT x) as APPROXIMATE COUNT(DISTINCT x): an offer that changes the figures."""

from collections.abc import Iterator

from sqlglot import exp

from backend.rewrite.outermost import outermost_selects
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.select_shape import is_windowed

RELATIVE_ERROR_PERCENT = 2
"""Redshift guide, COUNT function: HyperLogLog, a relative error of around 2 %."""

# Other aggregates that sort or tell values apart; nobody says that they go with APPROXIMATE.
_NOT_BESIDE = (exp.WithinGroup, exp.Median, exp.ApproxDistinct)
_SHOWN_THROUGH = (exp.Alias, exp.Paren, exp.Cast, exp.Coalesce, exp.Round)


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    if not isinstance(reading.tree, exp.Query):
        return  # a figure that is stored should be exact
    for select in outermost_selects(reading.tree):
        counts = [node for node in select.find_all(exp.Count) if _is_own(node, select)]
        # All or none: nobody says that exact and approximate counts go together.
        why = next((why for count in counts if (why := _why_not(reading, select, count))), "")
        if why:
            sentence = f"COUNT(DISTINCT …) could not be approximated: {why}."
            yield reading.refusal(sentence, "")
        elif counts:
            yield _edit(reading, counts)


def _is_own(count: exp.Count, select: exp.Select) -> bool:
    return isinstance(count.this, exp.Distinct) and count.find_ancestor(exp.Select) is select


def _edit(reading: Reading, counts: list[exp.Count]) -> Edit:
    return Edit(
        replaced=tuple((count, _approximate(count)) for count in counts),
        preconditions=(
            reading.by_statement(
                "The figure is shown and decides about no row",
                "it stands in the select list of the outermost query, alone in its column",
            ),
            reading.by_statement(
                "APPROXIMATE takes it: one expression each, no window, of a user table",
                "read in the statement; the table has a row in SVV_TABLE_INFO",
            ),
        ),
    )


def _approximate(count: exp.Count) -> exp.Expr:
    (counted,) = count.this.expressions
    return exp.ApproxDistinct(this=counted.copy())


def _why_not(reading: Reading, select: exp.Select, count: exp.Count) -> str:
    if len(count.this.expressions) != 1:
        return "it counts more than one expression"
    if is_windowed(count) or isinstance(count.parent, exp.Filter):
        return "it is a window function"
    if not _is_shown(count, select):
        return "its value is compared or calculated with, so another figure may change the rows"
    if select.find(*_NOT_BESIDE) is not None or _has_other_distinct(select):
        return "another aggregate beside it tells values apart or sorts them"
    if not _reads_user_table(reading, select):
        return "no known user table is read, and APPROXIMATE works on user tables only"
    return ""


def _is_shown(count: exp.Count, select: exp.Select) -> bool:
    node: exp.Expr = count
    while isinstance(node.parent, _SHOWN_THROUGH):
        node = node.parent
    return node.parent is select and node.arg_key == "expressions"


def _has_other_distinct(select: exp.Select) -> bool:
    return any(
        isinstance(node.this, exp.Distinct) and not isinstance(node, exp.Count)
        for node in select.find_all(exp.AggFunc)
    )


def _reads_user_table(reading: Reading, select: exp.Select) -> bool:
    sources = reading.reader.sources(select)
    return sources is not None and any(
        source.fact is not None for source in sources.by_alias.values()
    )


RULE = RewriteRule(
    name="approximate_count",
    check="count_distinct",
    title="Count distinct values approximately",
    find=find,
    changes_result=True,
    remark=f"The figures become estimates with a relative error of around {RELATIVE_ERROR_PERCENT} "
    "% (Redshift guide, COUNT function). It pays for millions of distinct values; for thousands "
    "it may be slower than an exact count.",
)
