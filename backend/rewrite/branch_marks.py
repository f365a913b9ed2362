"""What the rows of one branch of a UNION have in common, column by column."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from backend.rewrite.column_types import is_same_type
from backend.rewrite.conditions import MIRRORED, is_repeatable, parts
from backend.rewrite.numbered import shown
from backend.rewrite.places import has_grouping_sets
from backend.rewrite.rule import Reading
from backend.rewrite.sources import Origin, Owner

_OPPOSITES: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.EQ: (exp.NEQ, exp.LT, exp.GT),
    exp.LT: (exp.GTE, exp.GT, exp.EQ),
    exp.LTE: (exp.GT,),
    exp.GT: (exp.LTE, exp.LT, exp.EQ),
    exp.GTE: (exp.LT,),
    exp.NEQ: (exp.EQ,),
}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Of one output column: `value` is `null`, `true` or `false` where it always is that;
    `compared` are comparisons that it always meets, each with the text of its other side. Two
    masked values have two numbers, so they are never taken for the same."""

    value: str = ""
    is_never_null: bool = False
    compared: tuple[tuple[type[exp.Expr], str], ...] = ()
    data_type: str = ""


@dataclass(frozen=True, kw_only=True)
class BranchMarks:
    """One mark for each output column; none where the columns are not told."""

    marks: tuple[Mark, ...] = ()


def marks_of(reading: Reading, select: exp.Select) -> BranchMarks:
    if has_grouping_sets(select) or any(each.is_star for each in select.expressions):
        return BranchMarks()
    where = select.args.get("where")
    conditions = list(parts(where.this, exp.And)) if where else []
    return BranchMarks(
        marks=tuple(
            _mark(reading, projection.unalias().unnest(), conditions)
            for projection in select.expressions
        )
    )


def are_disjoint(one: BranchMarks, other: BranchMarks) -> bool:
    """Whether some output column can never be equal in both; NULL counts as equal to NULL."""
    if len(one.marks) != len(other.marks):
        return False
    return any(_differ(left, right) for left, right in zip(one.marks, other.marks, strict=True))


def _differ(left: Mark, right: Mark) -> bool:
    for mine, theirs in ((left, right), (right, left)):
        if mine.value == "null" and theirs.is_never_null:
            return True
    if left.value != right.value and {left.value, right.value} == {"true", "false"}:
        return True
    if not left.data_type or not is_same_type(left.data_type, right.data_type):
        return False
    return any(
        text == other_text and other in _OPPOSITES[operator]
        for operator, text in left.compared
        for other, other_text in right.compared
    )


def _mark(reading: Reading, value: exp.Expr, conditions: list[exp.Expr]) -> Mark:
    if isinstance(value, exp.Null):
        return Mark(value="null")
    if isinstance(value, exp.Boolean):
        return Mark(value="true" if value.this else "false", is_never_null=True)
    owner = reading.reader.owner(value) if isinstance(value, exp.Column) else None
    if owner is None:
        return Mark()
    origin = reading.reader.origin(value)
    found = [_demand(reading, condition, owner) for condition in conditions]
    demands = [each for each in found if each is not None]
    compared = tuple(pair for each in demands for pair in each.compared)
    return Mark(
        value=next((each.value for each in demands if each.value), ""),
        is_never_null=_is_not_null(origin) or any(each.is_never_null for each in demands),
        compared=compared,
        data_type=origin.column.data_type if origin else "",
    )


def _is_not_null(origin: Origin | None) -> bool:
    return origin is not None and not origin.why_nullable


def _demand(reading: Reading, condition: exp.Expr, owner: Owner) -> Mark | None:
    """What the condition says of the column where it is true."""
    is_negated = isinstance(condition, exp.Not)
    inner = condition.this.unnest() if is_negated else condition
    if isinstance(inner, exp.Is) and _means(reading, inner.this, owner):
        return _of_is(inner, is_negated=is_negated)
    if _means(reading, inner, owner):  # a boolean column by itself
        return Mark(value="false" if is_negated else "true", is_never_null=True)
    if is_negated:
        return None
    for operator, side, other in _sides(inner):
        if _means(reading, side, owner):
            text = shown(other, is_pretty=False)
            is_known = is_repeatable(other) and not other.find(exp.Column)
            return Mark(is_never_null=True, compared=((operator, text),) if is_known else ())
    if isinstance(inner, exp.Between | exp.In) and _means(reading, inner.this, owner):
        return Mark(is_never_null=True)
    return None


def _of_is(condition: exp.Is, *, is_negated: bool) -> Mark | None:
    right = condition.expression
    if isinstance(right, exp.Null):
        return Mark(is_never_null=True) if is_negated else Mark(value="null")
    if isinstance(right, exp.Boolean) and not is_negated:
        return Mark(value="true" if right.this else "false", is_never_null=True)
    return None


def _sides(
    condition: exp.Expr,
) -> Iterator[tuple[type[exp.Expr], exp.Expr, exp.Expr]]:
    if isinstance(condition, tuple(_OPPOSITES)):
        left, right = condition.this.unnest(), condition.expression.unnest()
        yield type(condition), left, right
        yield MIRRORED.get(type(condition), type(condition)), right, left


def _means(reading: Reading, side: exp.Expr, owner: Owner) -> bool:
    side = side.unnest()
    other = reading.reader.owner(side) if isinstance(side, exp.Column) else None
    return other is not None and (other.source, other.name) == (owner.source, owner.name)
