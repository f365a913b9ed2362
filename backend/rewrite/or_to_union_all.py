"""An OR over different columns becomes UNION ALL, each branch without the rows of those before.

`A OR B` is true where A is true, or where B is true and A is not: so no row comes twice and none
is lost, whatever is NULL. Each branch can then skip blocks, or filter before its join.
"""

from collections.abc import Iterator

from sqlglot import exp

from backend.rewrite.conditions import (
    is_conjunct,
    is_repeatable,
    is_unsteady,
    joined_by_and,
    own_columns,
    parts,
)
from backend.rewrite.outermost import outermost_selects
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.select_shape import has_aggregate, has_window, is_plain_select

MOST_BRANCHES = 3
"""Each branch reads the tables again."""

_KEPT_OUTSIDE = ("with_", "order", "limit", "offset")


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for select in outermost_selects(reading.tree):
        where = select.args.get("where")
        if where is None or not _can_be_split(select):
            continue
        for chain in where.find_all(exp.Or):
            sides = list(parts(chain, exp.Or))
            if is_conjunct(chain, where) and _are_worth_it(reading, sides):
                yield _edit(reading, select, chain, sides)
                break


def _can_be_split(select: exp.Select) -> bool:
    """One result row for each row that passes, in an order that the result itself can be put in."""
    if not is_plain_select(select, also=_KEPT_OUTSIDE) or isinstance(
        select.parent, exp.SetOperation
    ):
        return False
    if has_aggregate(select) or has_window(select):
        return False
    is_steady = not any(is_unsteady(node) for node in select.walk())
    names = {each.output_name.lower() for each in select.expressions if each.output_name}
    order = select.args.get("order")
    keys = [each.this.unnest() for each in order.expressions] if order is not None else []
    return is_steady and all(_is_output(key, names) for key in keys)


def _is_output(key: exp.Expr, names: set[str]) -> bool:
    """A name of the result, or the masked place of one of its columns."""
    if isinstance(key, exp.Literal):
        return True
    return isinstance(key, exp.Column) and not key.table and key.name.lower() in names


def _are_worth_it(reading: Reading, sides: list[exp.Expr]) -> bool:
    """Each over columns of one table, and not all over the same column."""
    if len(sides) > MOST_BRANCHES or not all(is_repeatable(side) for side in sides):
        return False
    columns: list[set[tuple[str, str]]] = []
    for side in sides:
        owners = [reading.reader.owner(column) for column in own_columns(side)]
        found = {(owner.source.alias, owner.name) for owner in owners if owner is not None}
        if not owners or None in owners or len({alias for alias, _ in found}) != 1:
            return False
        columns.append(found)
    return any(each != columns[0] for each in columns)


def _edit(reading: Reading, select: exp.Select, chain: exp.Expr, sides: list[exp.Expr]) -> Edit:
    where: exp.Expr = select.args["where"].this
    others = [each for each in parts(where, exp.And) if each is not chain]
    branches = [
        _branch(select, others, side, earlier=sides[:place]) for place, side in enumerate(sides)
    ]
    whole: exp.Expr = branches[0]
    for branch in branches[1:]:
        whole = exp.Union(this=whole, expression=branch, distinct=False)
    for name in _KEPT_OUTSIDE:
        part = select.args.get(name)
        whole.set(name, part.copy() if part is not None else None)
    return Edit(
        replaced=((select, whole),),
        clauses=tuple(
            (chain if not place else None, branch.args["where"])
            for place, branch in enumerate(branches)
        ),
        preconditions=(
            reading.by_statement(
                "Each row that passes is one row of the result",
                "there is no GROUP BY, aggregate, DISTINCT or window; ORDER BY and LIMIT stay "
                "outside",
            ),
            reading.by_statement(
                "Each branch leaves out what a branch before it takes, NULL counting as not taken"
            ),
            reading.by_statement(
                "Every condition may be worked out in each branch: no unsteady function"
            ),
        ),
    )


def _branch(
    select: exp.Select, others: list[exp.Expr], side: exp.Expr, *, earlier: list[exp.Expr]
) -> exp.Select:
    branch = select.copy()
    for name in _KEPT_OUTSIDE:
        branch.set(name, None)
    left_out = [
        exp.Not(this=exp.Coalesce(this=each.copy(), expressions=[exp.false()])) for each in earlier
    ]
    branch.set("where", exp.Where(this=joined_by_and([*others, side, *left_out])))
    return branch


RULE = RewriteRule(
    name="or_to_union_all",
    check="or_across_columns",
    title="Ask for each side of the OR by itself",
    find=find,
    remark="Each branch reads its tables again. That pays where every side alone lets Redshift skip "
    "blocks or filter before a join, so compare the two plans.",
)
