"""`x NOT IN (SELECT y …)` becomes NOT EXISTS where neither x nor y can ever be NULL.

A NULL among the y makes NOT IN false or NULL for every row; a NULL x makes it NULL unless the
subquery is empty. NOT EXISTS knows neither, so both sides must be free of NULL.
"""

from collections.abc import Iterator

from sqlglot import exp

from backend.domain.rewrite import Precondition
from backend.rewrite.conditions import COMPARISONS, is_conjunct, joined_by_and, parts
from backend.rewrite.places import enclosing_select
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.select_shape import is_plain_select
from backend.rewrite.sources import Owner, qualified

_NULL_REJECTING = (*COMPARISONS, exp.NEQ, exp.Like, exp.ILike)


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for node in reading.tree.find_all(exp.Not):
        membership = node.this.unnest()
        query = membership.args.get("query") if isinstance(membership, exp.In) else None
        inner = query.unnest() if query is not None else None
        if isinstance(membership, exp.In) and isinstance(inner, exp.Select):
            yield from _judge(reading, node, membership, inner)


def _judge(
    reading: Reading, node: exp.Not, membership: exp.In, inner: exp.Select
) -> Iterator[Edit | Refusal]:
    around = enclosing_select(inner)
    left, right = membership.this.unnest(), _only_column(inner)
    if around is None or not isinstance(left, exp.Column) or right is None:
        return
    if not is_conjunct(node, around.args.get("where")):
        return  # Redshift decorrelates NOT EXISTS only where every row has to meet it
    owners = reading.reader.owner(left), reading.reader.owner(right)
    if owners[0] is None or owners[1] is None:
        return
    if owners[0].of is not around or owners[1].of is not inner:
        return
    origins = reading.reader.origin(left), reading.reader.origin(right)
    subject = origins[1].full_name if origins[1] else f"{owners[1].source.alias}.{owners[1].name}"
    proofs = _never_null(reading, left, around), _never_null(reading, right, inner)
    why = next((proof for proof in proofs if isinstance(proof, str)), "")
    sources = reading.reader.sources(inner)
    if not why and (sources is None or owners[0].source.alias in sources.by_alias):
        why = f"{owners[0].source.alias} means something else inside the subquery"
    if why:
        sentence = f"NOT IN could not become NOT EXISTS: {why}."
        yield reading.refusal(sentence, subject, *origins)
        return
    link = exp.EQ(this=qualified(right, owners[1]), expression=qualified(left, owners[0]))
    yield Edit(
        subject=subject,
        replaced=((node, _not_exists(inner, link)),),
        preconditions=(
            *(proof for proof in proofs if not isinstance(proof, str)),
            reading.by_statement(
                "Every row of the result has to meet the condition, and the subquery gives one "
                "plain column, without LIMIT, GROUP BY or window"
            ),
        ),
    )


def _only_column(inner: exp.Select) -> exp.Column | None:
    if not is_plain_select(inner, also=("distinct",)) or len(inner.expressions) != 1:
        return None
    if inner.find(exp.Window, exp.AggFunc) is not None:
        return None
    column = inner.expressions[0].unalias().unnest()
    return column if isinstance(column, exp.Column) and not column.is_star else None


def _not_exists(inner: exp.Select, link: exp.Expr) -> exp.Expr:
    query = inner.copy()
    query.set("distinct", None)
    query.set("expressions", [exp.Literal.number(1)])
    where = query.args.get("where")
    conditions = [*parts(where.this, exp.And), link] if where else [link]
    query.set("where", exp.Where(this=joined_by_and(conditions)))
    return exp.Not(this=exp.Exists(this=query))


def _never_null(reading: Reading, column: exp.Column, place: exp.Select) -> Precondition | str:
    """What proves it, or why it may be NULL."""
    origin = reading.reader.origin(column)
    if origin is not None and not origin.why_nullable:
        return reading.by_column(f"{origin.full_name} is NOT NULL", origin, "is_nullable")
    name = origin.full_name if origin else column.sql(dialect="redshift")
    if _is_rejected_when_null(reading, column, place):
        return reading.by_statement(f"{name} is not NULL where another condition beside it holds")
    return origin.why_nullable if origin else f"nothing tells that {name} is never NULL"


def _is_rejected_when_null(reading: Reading, column: exp.Column, place: exp.Select) -> bool:
    """Whether the WHERE around it demands something of the column that NULL cannot meet."""
    where = place.args.get("where")
    owner = reading.reader.owner(column)
    if where is None or owner is None:
        return False
    return any(
        _is_same_column(reading, side, owner)
        for condition in parts(where.this, exp.And)
        for side in _demanded(condition)
    )


def _demanded(condition: exp.Expr) -> Iterator[exp.Expr]:
    """Sides that are not NULL where the condition is true."""
    if isinstance(condition, _NULL_REJECTING):
        yield from (condition.this, condition.expression)
    elif isinstance(condition, exp.Between | exp.In) and not condition.args.get("query"):
        yield condition.this
    elif isinstance(condition, exp.Not):
        inner = condition.this.unnest()
        if isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null):
            yield inner.this


def _is_same_column(reading: Reading, side: exp.Expr, owner: Owner) -> bool:
    side = side.unnest()
    if not isinstance(side, exp.Column):
        return False
    other = reading.reader.owner(side)
    return other is not None and (other.source, other.name) == (owner.source, owner.name)


RULE = RewriteRule(
    name="not_in_to_not_exists",
    check="not_in_nullable",
    title="Look for missing rows with NOT EXISTS",
    find=find,
)
