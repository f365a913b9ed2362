"""Advice for a join that multiplies rows which are thrown together again."""

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph, titled
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.joins import join_of
from backend.panel.rules.rules_reviewer import advice_on
from backend.sql.action_sql import count_by_value
from backend.sql.plan_joins import JoinPair, JoinSide, has_column
from backend.sql.statement_joins import statement_pairs

UNIQUE_JOIN_FRACTION = 0.5
"""The rows then are as many as the larger side has; they still have to be joined."""

UNKNOWN_JOIN_FRACTION = 0.2
"""Which join it is has to be found first."""


def advise_on_fan_out(case: CaseFile, finding: Finding) -> Advice:
    pair = _pair(case, finding)
    if pair is None:
        return _find_the_join(case, finding)
    side = _smaller(pair)
    name = side.table.table.full_name if side.table else side.table_names[0]
    can_count = side.table is not None and has_column(side.table, side.column_name)
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=titled(
            f"Join {name} by a key that does not repeat", "Join by a key that does not repeat"
        ),
        rationale=paragraph(
            finding.evidence,
            f"It joins {pair.outer.label} = {pair.inner.label}, and neither side has each value "
            "but once",
        ),
        action=paragraph(
            f"Count the rows of {name} by {side.column_name}. If values repeat that should not, "
            "add the missing part of the key to the join condition",
            f"If they are meant to be summed up, aggregate {name} to one row per {side.column_name} "
            "before the join",
        ),
        action_sql=count_by_value(side.table.table, side.column_name)
        if can_count and side.table
        else None,
        expected_fraction=UNIQUE_JOIN_FRACTION,
        fact_ids=tuple(each.table.fact_id for each in (pair.outer, pair.inner) if each.table),
    )


def _pair(case: CaseFile, finding: Finding) -> JoinPair | None:
    """Of the cited join; without a plan of the only join that the statement has."""
    join = join_of(case, finding)
    pairs = [pair for pair in join.pairs if pair.outer.table or pair.inner.table] if join else []
    if not pairs and case.plan is None:
        found = statement_pairs(case)
        pairs = list(found) if len(found) == 1 else []
    return pairs[0] if pairs else None


def _smaller(pair: JoinPair) -> JoinSide:
    known = [side for side in (pair.outer, pair.inner) if side.table]
    return min(known, key=lambda side: (side.table.table.row_count or 0) if side.table else 0)


def _find_the_join(case: CaseFile, finding: Finding) -> Advice:
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title="Find the join that multiplies its rows",
        rationale=paragraph(finding.evidence, "Which join of the statement that is, is not known"),
        action=paragraph(
            "Count the rows of each joined table by its join column; where values repeat on both "
            "sides, add the missing part of the key, or aggregate one side before the join"
        ),
        expected_fraction=UNKNOWN_JOIN_FRACTION,
    )
