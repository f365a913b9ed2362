"""`c = a OR c = b` on one column becomes `c IN (a, b)`; other conditions of the OR stay.

No check blames such an OR by itself: Redshift reads no more for it than for the list.
"""

from collections.abc import Iterator

from sqlglot import exp

from backend.rewrite.conditions import joined_by_or, parts
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.sql.values import are_values, is_value


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for chain in reading.tree.find_all(exp.Or):
        parent = chain.parent
        while isinstance(parent, exp.Paren):
            parent = parent.parent
        if isinstance(parent, exp.Or):
            continue  # a part of a longer chain
        new = _with_lists(list(parts(chain, exp.Or)))
        if new is not None:
            yield Edit(
                replaced=((chain, new),),
                preconditions=(
                    reading.by_statement(
                        "The values are all written in the same way, so that IN compares them as ="
                        " does"
                    ),
                    reading.by_statement(
                        "IN of several values is NULL, true and false exactly when their OR is"
                    ),
                ),
            )


def _with_lists(operands: list[exp.Expr]) -> exp.Expr | None:
    """The OR with one IN for each column compared more than once; None where there is none."""
    grouped: dict[tuple[str, str], list[exp.Expr]] = {}
    for operand in operands:
        key = _key(operand)
        if key is not None:
            grouped.setdefault(key, []).append(operand)
    lists = {key: group for key, group in grouped.items() if len(group) > 1}
    if not lists:
        return None
    remaining: list[exp.Expr] = []
    for operand in operands:
        key = _key(operand)
        group = lists.get(key) if key is not None else None
        if group is None:
            remaining.append(operand)
        elif group[0] is operand:
            remaining.append(_as_list(group))
    return joined_by_or(remaining)


def _key(operand: exp.Expr) -> tuple[str, str] | None:
    """The column and the form of its values; None where the operand is of another kind."""
    values = _values(operand)
    column = _column(operand)
    if column is None or not values:
        return None
    forms = {_form(value) for value in values}
    return (column.sql().lower(), forms.pop()) if len(forms) == 1 else None


def _column(operand: exp.Expr) -> exp.Column | None:
    if isinstance(operand, exp.In):
        side = operand.this.unnest()
    elif isinstance(operand, exp.EQ):
        left, right = operand.this.unnest(), operand.expression.unnest()
        side = right if is_value(left) else left
    else:
        return None
    return side if isinstance(side, exp.Column) else None


def _values(operand: exp.Expr) -> list[exp.Expr]:
    if isinstance(operand, exp.In):
        is_list = are_values(operand.expressions)
        return operand.expressions if is_list and operand.args.get("query") is None else []
    left, right = operand.args.get("this"), operand.args.get("expression")
    if not isinstance(left, exp.Expr) or not isinstance(right, exp.Expr):
        return []
    value = left if is_value(left) else right
    return [value] if is_value(value) else []


def _form(value: exp.Expr) -> str:
    """A cast to the same type, or none at all; a value in another form is another kind."""
    value = value.unnest()
    if isinstance(value, exp.Cast):
        return f"{value.to.sql()} of {_form(value.this)}"
    return value.key


def _as_list(group: list[exp.Expr]) -> exp.Expr:
    column = _column(group[0])
    values = [value.unnest().copy() for operand in group for value in _values(operand)]
    return exp.In(this=column.copy() if column else None, expressions=values)


RULE = RewriteRule(
    name="or_to_in",
    check="or_on_one_column",
    title="Ask for several values of one column with IN",
    find=find,
)
