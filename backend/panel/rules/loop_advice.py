"""Advice for a join that compares every row of one side with every row of the other."""

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph, titled
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.joins import Join, join_of
from backend.panel.rules.loop_clauses import LoopClause, LoopKind, likely_loop
from backend.panel.rules.rules_reviewer import advice_on
from backend.sql.action_sql import recorded_plan

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
    between = _between(join)
    if any(join.fact.node.condition(name) for name in _RANGE_CONDITIONS):
        title = f"Give the join{between} an equality"
        action = (
            f"Add an equality to the join{between} beside its present condition: on a key, or, for "
            "a range, on the day or bucket that both sides fall into"
        )
        cause = "The join has a condition, but none that Redshift can hash or merge on"
    else:
        title = f"Link the join{between}"
        action = (
            f"Check the join{between} for a missing ON condition; where every pair is really "
            "meant, aggregate one side first"
        )
        cause = "The plan shows no condition that links the two sides, so every pair is compared"
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=title,
        rationale=paragraph(finding.evidence, cause),
        action=paragraph(action),
        expected_fraction=NESTED_LOOP_FRACTION,
    )


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
