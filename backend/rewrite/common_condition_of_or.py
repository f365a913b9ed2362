"""What every branch of an OR demands is asked once, outside of it.

`(a = b AND c) OR (a = b AND d)` is `a = b AND (c OR d)`, whatever is NULL. Outside, an equality of
two tables can be hashed and a condition on one table filters its scan; inside an OR neither can.
"""

from collections.abc import Iterator

from sqlglot import exp

from backend.rewrite.conditions import is_repeatable, joined_by_and, joined_by_or, parts
from backend.rewrite.numbered import shown
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for chain in reading.tree.find_all(exp.Or):
        parent = chain.parent
        while isinstance(parent, exp.Paren):
            parent = parent.parent
        if isinstance(parent, exp.Or):
            continue  # a part of a longer chain
        edit = _edit(reading, chain)
        if edit is not None:
            yield edit


def _edit(reading: Reading, chain: exp.Or) -> Edit | None:
    branches = [list(parts(branch, exp.And)) for branch in parts(chain, exp.Or)]
    texts = [{_text(condition) for condition in branch} for branch in branches]
    common = set.intersection(*texts)  # masked values have their own numbers, so never in common
    if not common or not all(is_repeatable(each) for branch in branches for each in branch):
        return None
    shared = _first_of_each(branches[0], common)
    rests = [[each for each in branch if _text(each) not in common] for branch in branches]
    # A branch that demands nothing else makes the others needless: a OR (a AND b) is a.
    kept = [joined_by_or([joined_by_and(rest) for rest in rests])] if all(rests) else []
    return Edit(
        replaced=((chain, joined_by_and([*shared, *kept])),),
        drops=() if kept else (chain,),
        preconditions=(
            reading.by_statement(
                "Every branch of the OR demands the same: "
                + " AND ".join(shown(each, is_pretty=False) for each in shared),
                "conditions compared word for word; masked values never count as the same",
            ),
            reading.by_statement(
                "The conditions may be worked out once instead of several times: no query and no "
                "unsteady function"
            ),
        ),
    )


def _text(condition: exp.Expr) -> str:
    return shown(condition, is_pretty=False).lower()


def _first_of_each(branch: list[exp.Expr], common: set[str]) -> list[exp.Expr]:
    by_text = {_text(each): each for each in reversed(branch) if _text(each) in common}
    return [each for each in branch if by_text.get(_text(each)) is each]


RULE = RewriteRule(
    name="common_condition_of_or",
    check="or_across_columns",
    title="Ask once for what each branch of the OR demands",
    find=find,
)
