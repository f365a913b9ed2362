"""UNION becomes UNION ALL where no row can come twice, or where nobody would notice."""

from collections.abc import Iterator
from itertools import combinations

from sqlglot import exp

from backend.domain.rewrite import Precondition
from backend.rewrite.branch_marks import are_disjoint, marks_of
from backend.rewrite.duplicates import is_blind_to_repeats, is_duplicate_free, is_mixed_chain
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule

MOST_BRANCHES = 20
"""Each is compared with each other."""


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for union in reading.tree.find_all(exp.Union):
        if not union.args.get("distinct") or is_mixed_chain(union):
            continue
        if is_blind_to_repeats(union):
            yield _edit(
                union,
                reading.by_statement(
                    "What reads it takes no notice of equal rows",
                    "it stands in IN, EXISTS, another UNION or below DISTINCT, without LIMIT",
                ),
            )
        elif not isinstance(union.parent, exp.SetOperation):
            yield from _by_branches(reading, union)


def _by_branches(reading: Reading, union: exp.Union) -> Iterator[Edit | Refusal]:
    branches = list(_branches(union))
    if len(branches) > MOST_BRANCHES or not all(isinstance(each, exp.Select) for each in branches):
        return
    selects = [branch for branch in branches if isinstance(branch, exp.Select)]
    marks = [marks_of(reading, select) for select in selects]
    is_free = all(is_duplicate_free(reading.reader, select) for select in selects)
    is_apart = all(are_disjoint(one, other) for one, other in combinations(marks, 2))
    if is_apart and is_free:
        yield _edit(union, *_proofs(reading))
    elif is_apart:
        yield reading.refusal(
            "UNION could not become UNION ALL: no row is in two branches, but one branch may give "
            "a row twice (declared keys are not enforced, so they prove nothing).",
            "",
        )
    elif is_free:
        yield reading.refusal(
            "UNION could not become UNION ALL: no branch gives a row twice, but the same row may "
            "come from two of them.",
            "",
        )


def _branches(query: exp.Expr) -> Iterator[exp.Expr]:
    """Of a chain of UNION without ALL, however it is bracketed."""
    query = query.unnest()
    if isinstance(query, exp.Union) and query.args.get("distinct") and not query.args.get("limit"):
        yield from _branches(query.this)
        yield from _branches(query.expression)
    else:
        yield query


def _proofs(reading: Reading) -> tuple[Precondition, ...]:
    return (
        reading.by_statement(
            "No row can be in two branches",
            "one output column is NULL, true or false in one branch and never so in the other, or "
            "the branches demand opposite things of it",
        ),
        reading.by_statement(
            "No branch gives a row twice",
            "each branch is DISTINCT, a single row, or shows all its GROUP BY keys",
        ),
    )


def _edit(union: exp.Union, *proofs: Precondition) -> Edit:
    whole = union.copy()
    whole.set("distinct", False)
    return Edit(
        replaced=((union, whole),),
        preconditions=proofs,
        clauses=((_sketch(union), _sketch(whole)),),
    )


def _sketch(union: exp.Union) -> exp.Union:
    """The two sides by their select lists alone."""
    sketch = union.copy()
    for select in list(sketch.find_all(exp.Select)):
        if select.find_ancestor(exp.Select) is None:
            for name in list(select.args):
                if name not in ("expressions", "distinct"):
                    select.set(name, None)
    return sketch


RULE = RewriteRule(
    name="union_to_union_all",
    check="union_distinct",
    title="Put rows together with UNION ALL",
    find=find,
)
