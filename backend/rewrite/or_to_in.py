"""`c = a OR c = b OR …` on one column becomes `c IN (a, b, …)`; other conditions of the OR stay.

Only where the list is long: a short one Redshift evaluates as the OR that it stands for.
"""

from collections.abc import Iterator

from sqlglot import exp

from backend.rewrite.conditions import joined_by_or, parts
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.sql.values import listed_values

ARRAY_OVER_VALUES = 10
"""A list of more values is evaluated as one array, a shorter one as a series of ORs: Redshift
Database Developer Guide, IN condition, optimization for large IN lists."""

_Key = tuple[str, str]
_Group = list[tuple[exp.Expr, exp.Column, list[exp.Expr]]]
"""Conditions of one column with that column and their values."""


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for chain in reading.tree.find_all(exp.Or):
        parent = chain.parent
        while isinstance(parent, exp.Paren):
            parent = parent.parent
        if isinstance(parent, exp.Or):
            continue  # a part of a longer chain
        operands = list(parts(chain, exp.Or))
        groups = _groups(operands)
        long = [group for group in groups if _size(group) > ARRAY_OVER_VALUES]
        if long:
            yield _edit(reading, chain, operands, long)
        for group in groups if not long else ():
            yield _refusal(reading, group)


def _groups(operands: list[exp.Expr]) -> list[_Group]:
    """Of the columns that are compared more than once, by values of one form."""
    grouped: dict[_Key, _Group] = {}
    for operand in operands:
        compared = listed_values(operand)
        forms = {_form(value) for value in compared[1]} if compared else set()
        if compared and len(forms) == 1:
            key = (compared[0].sql().lower(), forms.pop())
            grouped.setdefault(key, []).append((operand, *compared))
    return [group for group in grouped.values() if len(group) > 1]


def _form(value: exp.Expr) -> str:
    """A cast to the same type, or none at all; a value in another form is another kind."""
    value = value.unnest()
    if isinstance(value, exp.Cast):
        return f"{value.to.sql()} of {_form(value.this)}"
    return value.key


def _size(group: _Group) -> int:
    """How many values it shows: of a longer list scrubbing has left three."""
    return sum(len(values) for _, _, values in group)


def _edit(
    reading: Reading, chain: exp.Expr, operands: list[exp.Expr], groups: list[_Group]
) -> Edit:
    subjects = {_subject(reading, group) for group in groups}
    return Edit(
        subject=subjects.pop() if len(subjects) == 1 else "",
        replaced=((chain, _with_lists(operands, groups)),),
        preconditions=(
            reading.by_statement(
                "The values are all written in the same way, so that IN compares them as = does"
            ),
            reading.by_statement(
                "IN of several values is NULL, true and false exactly when their OR is"
            ),
        ),
    )


def _with_lists(operands: list[exp.Expr], groups: list[_Group]) -> exp.Expr:
    """The OR with one IN for each group, where its first condition stands."""
    list_of = {id(group[0][0]): _as_list(group) for group in groups}
    grouped = {id(operand) for group in groups for operand, _, _ in group}
    return joined_by_or(
        list_of.get(id(operand), operand)
        for operand in operands
        if id(operand) in list_of or id(operand) not in grouped
    )


def _as_list(group: _Group) -> exp.Expr:
    values = [value.unnest().copy() for _, _, values in group for value in values]
    return exp.In(this=group[0][1].copy(), expressions=values)


def _refusal(reading: Reading, group: _Group) -> Refusal:
    column = group[0][1]
    return reading.refusal(
        f"IN in place of the OR on {column.sql(dialect='redshift')} would change nothing: Redshift"
        f" evaluates a list as one array only where it has more than {ARRAY_OVER_VALUES} values,"
        f" else as such an OR, and the statement shows {_size(group)}.",
        _subject(reading, group),
        reading.reader.origin(column),
    )


def _subject(reading: Reading, group: _Group) -> str:
    origin = reading.reader.origin(group[0][1])
    return origin.full_name if origin else ""


RULE = RewriteRule(
    name="or_to_in",
    check="or_on_one_column",
    title="Ask for several values of one column with IN",
    find=find,
)
