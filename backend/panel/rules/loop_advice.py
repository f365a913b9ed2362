"""Advice for a join that compares every row of one side with every row of the other."""

from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph, titled
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.joins import Join, join_of
from backend.panel.rules.loop_clauses import LoopClause, LoopKind, likely_loop
from backend.panel.rules.rules_reviewer import advice_on
from backend.sql.action_sql import recorded_plan
from backend.sql.loop_condition import LoopKind as PlanLoopKind
from backend.sql.loop_condition import loop_kind

NESTED_LOOP_FRACTION = 0.6
"""An equality lets Redshift hash the join; sorting the rows into it still takes time."""

UNNAMED_LOOP_FRACTION = 0.3
"""Half of that: the join has to be found first, and may be meant as it is."""

ONE_ROW_LOOP_FRACTION = 0.1
"""A loop over one row is cheap: most likely the time goes elsewhere."""

_RANGE_CONDITIONS = ("Join Filter", "Filter")


def advise_nested_loop(case: CaseFile, finding: Finding) -> Advice:
    join = join_of(case, finding)
    if join is None:
        return _find_the_loop(case, finding)
    title, cause, action, fact_ids = _cure(case, join)
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=title,
        rationale=paragraph(finding.evidence, cause),
        action=paragraph(action),
        expected_fraction=NESTED_LOOP_FRACTION,
        fact_ids=fact_ids,
    )


def _cure(case: CaseFile, join: Join) -> tuple[str, str, str, tuple[str, ...]]:
    """Title, cause, action, and the facts that they rest on beside those of the finding."""
    between = _between(join)
    condition = " ".join(join.fact.node.condition(name) or "" for name in _RANGE_CONDITIONS)
    statement_ids = (case.statement.fact_id,) if case.statement else ()
    if alternative := _or_clause(case, condition):
        return (
            f"Split the OR of the join{between}",
            "An OR leaves no equality that holds for every pair, so Redshift cannot hash the join",
            f"Write {alternative} as two joins with UNION ALL, each with an equality of its own, and"
            " leave the rows of the first out of the second",
            statement_ids,
        )
    kind = loop_kind(join.fact.node)
    if kind is PlanLoopKind.EQUALITY_BESIDE_OR:
        return (
            f"Split the OR of the join{between}",
            "The condition has an equality, but beside an OR it cannot be hashed",
            f"Write the join{between} twice, once for each side of the OR, and put the two together"
            " with UNION ALL, the second without what the first one finds",
            (),
        )
    if kind is PlanLoopKind.EQUALITY:
        return (
            f"Make the equality of the join{between} hashable",
            "The condition has an equality, but not of a column of one side with one of the other",
            f"Compare plain columns of the same type in the join{between}, one of each side; work"
            " out what mixes the two sides beforehand, or filter by it after the join",
            (),
        )
    if condition.strip():
        return (
            f"Give the join{between} an equality",
            "The join has a condition, but none that Redshift can hash or merge on",
            f"Add an equality to the join{between} beside its present condition: on a key, or, for "
            "a range, on the day or bucket that both sides fall into",
            (),
        )
    unlinked = _unlinked(case)
    return (
        f"Link the join{between}",
        "The plan shows no condition that links the two sides, so every pair is compared",
        f"Check the join{between} for a missing ON condition{unlinked}; where every pair is "
        "really meant, aggregate one side first",
        statement_ids if unlinked else (),
    )


def _or_clause(case: CaseFile, condition: str) -> str | None:
    """The OR of the statement whose columns the join's condition names."""
    if " OR " not in condition or case.statement is None:
        return None
    for clause in case.statement.clauses_of(ClauseKind.OR_ACROSS_COLUMNS):
        if all(use.column_name in condition.lower() for use in clause.columns):
            return clause.text
    return None


def _unlinked(case: CaseFile) -> str:
    clauses = case.statement.clauses_of(ClauseKind.CROSS_JOIN) if case.statement else ()
    return f": the statement links {clauses[0].text} by none" if clauses else ""


def _find_the_loop(case: CaseFile, finding: Finding) -> Advice:
    """The steps show a nested loop, but no plan was recorded to name the join."""
    query_id = case.steps_query_id if case.plan is None else None
    clause = likely_loop(case) if case.plan is None else None
    if clause:
        return _look_at_the_clause(case, finding, clause, query_id)
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title="Find the join that compares every pair",
        rationale=paragraph(
            finding.evidence,
            "A nested loop comes from a join without an equality that Redshift can hash; the "
            "recorded steps do not tell which join that is",
            "The statement itself names no join, so it comes from a view or a subquery"
            if case.statement and case.statement.join_count == 0
            else "",
        ),
        action=paragraph(
            "Look for Nested Loop in the plan of the recorded run; check that join for a missing "
            "condition, an OR, a <> or a range, and give it an equality"
        ),
        action_sql=recorded_plan(query_id) if query_id is not None else None,
        expected_fraction=UNNAMED_LOOP_FRACTION,
    )


def _look_at_the_clause(
    case: CaseFile, finding: Finding, clause: LoopClause, query_id: int | None
) -> Advice:
    """No plan names the join, but the statement has a clause that can hardly be hashed."""
    why, what_to_do = _LOOP_WORDS[clause.kind]
    is_cheap = clause.kind is LoopKind.ONE_ROW
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=titled(f"Look for the nested loop at {clause.text}"),
        rationale=paragraph(
            finding.evidence,
            f"No plan was recorded to name the join. The likeliest place in the statement is "
            f"{clause.text}: {why}",
        ),
        action=paragraph(
            "Look for Nested Loop in the plan of the recorded run, to be sure of the place",
            what_to_do,
        ),
        action_sql=recorded_plan(query_id) if query_id is not None else None,
        expected_fraction=ONE_ROW_LOOP_FRACTION if is_cheap else UNNAMED_LOOP_FRACTION,
        fact_ids=(case.statement.fact_id,) if case.statement else (),
    )


_LOOP_WORDS = {
    LoopKind.UNLINKED: (
        "no condition links these tables, so every row of one meets every row of the other",
        "Add the missing condition; where every pair is really meant, aggregate one side first",
    ),
    LoopKind.NO_EQUALITY: (
        "it links two tables, but not by an equality that Redshift can hash",
        "Add an equality beside it: on a key, or, for a range, on the day or bucket that both "
        "sides fall into; split an OR into two queries with UNION ALL",
    ),
    LoopKind.EXISTS_WITHOUT_EQUALITY: (
        "the EXISTS is tied to the query around it by no equality that Redshift can hash",
        "Add an equality to the subquery, or compute the one value that decides it beforehand",
    ),
    LoopKind.CORRELATED_INEQUALITY: (
        "each row is compared with a subquery of its own, and not by an equality",
        "Work out the subquery once for all its keys with GROUP BY, join that by the keys, and "
        "compare then",
    ),
    LoopKind.LINKED_ELSEWHERE: (
        "it compares two tables that no equality of their own links, only those of other tables",
        "Join the tables by their equalities first and filter the pairs then, for instance in a "
        "subquery; split an OR into two queries with UNION ALL",
    ),
    LoopKind.ONE_ROW: (
        "each row is compared with one value. Such a loop is cheap, so the time may well go to "
        "another part of the same segments",
        "If it is this loop, leave it as it is and look at the other steps of its segments",
    ),
}


def _between(join: Join) -> str:
    if not join.outer_tables or not join.inner_tables:
        return ""
    return f" of {listed(join.outer_tables, 2)} with {listed(join.inner_tables, 2)}"
