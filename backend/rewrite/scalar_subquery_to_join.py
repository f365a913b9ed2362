"""A correlated scalar subquery becomes a LEFT JOIN to its aggregates, worked out once per key."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from backend.domain.in_words import listed
from backend.domain.rewrite import Precondition
from backend.rewrite.aggregates import aggregates_of
from backend.rewrite.conditions import is_unsteady, joined_by_and
from backend.rewrite.correlation import Correlation, Key, is_correlated, read_correlation
from backend.rewrite.joins_added import with_source
from backend.rewrite.names import fresh_name, names_in
from backend.rewrite.places import NOT_SCALAR, enclosing_select, place_in
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.select_shape import has_aggregate, is_plain_select
from backend.rewrite.twins import twins_of


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scalar:
    """`subquery` is the bracket around `inner`, the SELECT; `around` is the SELECT that it is a
    value of."""

    subquery: exp.Subquery
    inner: exp.Select
    around: exp.Select
    table_name: str


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for subquery in reading.tree.find_all(exp.Subquery):
        scalar = _read(reading, subquery)
        if scalar is not None and is_correlated(reading, scalar.inner):
            yield from _judge(reading, scalar)


def _read(reading: Reading, subquery: exp.Subquery) -> _Scalar | None:
    inner, around = subquery.this, enclosing_select(subquery)
    if not isinstance(inner, exp.Select) or around is None:
        return None
    if isinstance(subquery.parent, NOT_SCALAR) or subquery.alias:
        return None
    if not is_plain_select(inner) or len(inner.expressions) != 1 or not has_aggregate(inner):
        return None
    sources = reading.reader.sources(inner)
    if sources is None:
        return None
    names = (each.fact.table.full_name for each in sources.by_alias.values() if each.fact)
    return _Scalar(subquery=subquery, inner=inner, around=around, table_name=next(names, ""))


def _judge(reading: Reading, scalar: _Scalar) -> Iterator[Edit | Refusal]:
    correlation = read_correlation(reading, scalar.inner, scalar.around)
    why = correlation.why_not or _why_not(scalar)
    if why:
        origins = [key.inner_origin for key in correlation.keys]
        sentence = f"The scalar subquery could not become a join: {why}."
        yield reading.refusal(sentence, scalar.table_name, *origins)
        return
    edit = _edit(reading, scalar, correlation)
    if edit is not None:
        yield edit


def _why_not(scalar: _Scalar) -> str:
    if aggregates_of(scalar.inner.expressions[0].unalias()) is None:
        return "it gives something else than COUNT, SUM, AVG, MIN or MAX of its own columns"
    if any(is_unsteady(node) for node in scalar.inner.walk()):
        return "a function in it may change its value"
    place = place_in(scalar.subquery, scalar.around)
    if place not in ("expressions", "where"):
        return "it stands neither in the select list nor in WHERE"
    takes_together = scalar.around.args.get("group") or has_aggregate(scalar.around)
    if place == "expressions" and takes_together:
        return "the query around it takes rows together, so its value would have to be a key"
    return ""


def _edit(reading: Reading, scalar: _Scalar, correlation: Correlation) -> Edit | None:
    value, join = _value_and_join(reading, scalar, correlation)
    whole = scalar.around.copy()
    twins_of(scalar.around, whole)[id(scalar.subquery)].replace(value.copy())
    sources = reading.reader.sources(scalar.around)
    if sources is None or not with_source(sources, whole, join.copy()):
        return None
    return Edit(
        subject=scalar.table_name,
        replaced=((scalar.around, whole),),
        clauses=((scalar.subquery, value), (None, join)),
        preconditions=_preconditions(reading, correlation.keys),
    )


def _value_and_join(
    reading: Reading, scalar: _Scalar, correlation: Correlation
) -> tuple[exp.Expr, exp.Join]:
    """What takes the place of the subquery, and the derived table that it comes from.

    Expressions of aggregates are worked out outside, where a missing group is NULL, or 0 for
    COUNT: inside, COALESCE(SUM(x), 0) would be NULL without a group.
    """
    names = _Names(names_in(reading.tree), correlation.keys[0].inner.name.lower())
    holder = exp.Paren(this=scalar.inner.expressions[0].unalias().copy())
    columns: list[exp.Expr] = []
    links: list[exp.Expr] = []
    for key in correlation.keys:
        name = names.take(f"{key.inner.name.lower()}_key")
        columns.append(exp.alias_(key.inner.copy(), name))
        links.append(exp.EQ(this=names.column(name), expression=key.outer.copy()))
    for node in aggregates_of(holder.this) or ():
        name = names.take(f"{node.key}_of_{names.first_key}")
        columns.append(exp.alias_(node.copy(), name))
        node.replace(_or_zero(node, names.column(name)))
    derived = scalar.inner.copy()
    derived.set("expressions", columns)
    others = correlation.others
    derived.set("where", exp.Where(this=joined_by_and(others)) if others else None)
    derived.set("group", exp.Group(expressions=[key.inner.copy() for key in correlation.keys]))
    alias = exp.TableAlias(this=exp.to_identifier(names.alias))
    source = exp.Subquery(this=derived, alias=alias)
    value: exp.Expr = holder if isinstance(holder.this, exp.Binary) else holder.this
    return value, exp.Join(this=source, side="LEFT", on=joined_by_and(links))


class _Names:
    """Names that the statement does not have yet, for one derived table and its columns."""

    def __init__(self, taken: set[str], first_key: str) -> None:
        self._taken = taken
        self.first_key = first_key
        self.alias = self.take(f"per_{first_key}")

    def take(self, wanted: str) -> str:
        name = fresh_name(wanted, self._taken)
        self._taken.add(name)
        return name

    def column(self, name: str) -> exp.Column:
        return exp.column(name, table=self.alias)


def _or_zero(node: exp.AggFunc, column: exp.Column) -> exp.Expr:
    """COUNT of no row is 0."""
    if not isinstance(node, exp.Count):
        return column
    return exp.Coalesce(this=column, expressions=[exp.Literal.number(0)])


def _preconditions(reading: Reading, keys: tuple[Key, ...]) -> tuple[Precondition, ...]:
    names = listed([f"{key.inner_origin.full_name} = {key.outer_origin.full_name}" for key in keys])
    ids = [origin.fact.fact_id for key in keys for origin in (key.inner_origin, key.outer_origin)]
    return (
        reading.by_statement(
            f"Nothing ties the subquery to the query around it but {names}",
            "every column in it led to its query",
        ),
        Precondition(
            sentence="Equal keys are one group, so the join adds no row: the types are the same",
            how_checked="SVV_REDSHIFT_COLUMNS.data_type of the keys",
            fact_ids=(*reading.statement_ids, *dict.fromkeys(ids)),
        ),
        reading.by_statement(
            "The subquery gives one row for each key: aggregates without GROUP BY, HAVING, LIMIT"
        ),
        reading.by_statement(
            "Without a matching row COUNT gives 0 and every other aggregate NULL",
            "COUNT is wrapped in COALESCE, and LEFT JOIN gives NULL for the others",
        ),
    )


RULE = RewriteRule(
    name="scalar_subquery_to_join",
    check="scalar_subquery",
    title="Work out the subquery once and join it",
    find=find,
)
