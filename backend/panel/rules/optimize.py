"""The reviewer of the statement: what to write differently."""

from collections.abc import Sequence

from backend.domain.case_file import CaseFile, ClauseKind, StepFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, listed, paragraph, titled
from backend.domain.recommendation import Category, ReviewerName
from backend.panel.reviewer import Advice
from backend.panel.rules.estimate_advice import advise_on_estimate
from backend.panel.rules.fan_out_advice import advise_on_fan_out
from backend.panel.rules.filter_advice import (
    advise_leading_wildcard,
    advise_missing_redundant_predicate,
    advise_or_across_columns,
    advise_or_on_one_column,
    advise_regular_expression,
    advise_unfiltered_table,
)
from backend.panel.rules.idle_aggregate_advice import advise_on_idle_aggregate
from backend.panel.rules.join_key_advice import advise_cross_join, advise_join_key
from backend.panel.rules.lake_advice import advise_partition_filter, advise_push_down
from backend.panel.rules.late_filter_advice import advise_on_late_filter
from backend.panel.rules.loop_advice import advise_nested_loop
from backend.panel.rules.result_advice import (
    advise_count_distinct,
    advise_distinct_over_join,
    advise_order_by,
    advise_redundant_distinct,
    advise_union,
    advise_window,
)
from backend.panel.rules.rewrite_advice import completed_by_rewrites
from backend.panel.rules.rules_reviewer import (
    RulesReviewer,
    advice_on,
    dominant_bucket_text,
    excluded_text,
)
from backend.panel.rules.subquery_advice import (
    advise_not_in,
    advise_repeated_scan,
    advise_scalar_subquery,
)
from backend.panel.rules.table_design import filters_column, sort_column, wants_a_range
from backend.panel.rules.width_advice import advise_on_width
from backend.panel.rules.write_advice import (
    advise_delete_without_where,
    advise_many_joins,
    advise_row_by_row_insert,
)

WRAPPED_COLUMN_FRACTION = 0.5
"""Block ranges are skipped only as far as the range is narrow, which the plan does not tell."""

SELECT_STAR_FRACTION = 0.3
"""Readers often need more columns than they think."""

MISSING_PREDICATE_FRACTION = 0.4
"""Depends on how much of the table the question is really about."""

SPILL_FRACTION = 0.25
"""A spill is a symptom: carrying less shortens it, seldom ends it."""


def advise_wrapped_column(case: CaseFile, finding: Finding) -> Advice:
    column_name = finding.subject.rsplit(".", maxsplit=1)[-1]
    expressions = [
        use.expression
        for use in (case.statement.wrapped_columns if case.statement else ())
        if use.column_name.lower() == column_name.lower()
    ]
    written = f" instead of wrapping it as {expressions[0]}" if expressions else ""
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Compare {finding.subject or 'the sort key'} without a function around it",
        rationale=paragraph(
            finding.evidence,
            "Redshift skips blocks by the smallest and largest value of the bare column; behind a "
            "function or cast it has to read them all",
        ),
        action=paragraph(
            f"Compare {column_name} itself with a range (>= the first value and < the first value "
            f"after it){written}"
        ),
        expected_fraction=WRAPPED_COLUMN_FRACTION,
    )


def advise_select_star(case: CaseFile, finding: Finding) -> Advice:
    known = case.table(finding.subject) if finding.subject else None
    width = f" of the {counted(len(known.table.columns), 'column')}" if known else ""
    source = f" of {finding.subject}" if finding.subject else ""
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Name the columns{source} that are needed",
        rationale=paragraph(
            finding.evidence,
            "Redshift stores each column on its own, so a column that is not named is not read",
        ),
        action=paragraph(f"Replace the * by those{width} that the reader uses"),
        expected_fraction=SELECT_STAR_FRACTION,
    )


def advise_missing_predicate(case: CaseFile, finding: Finding) -> Advice | None:
    """Only where the statement leaves the sort key alone; the table's side is schema_review's, and
    a condition that a join hands on is missing_redundant_predicate's."""
    fact = case.table(finding.subject) if finding.subject else None
    column_name = sort_column(fact.table) if fact else None
    if fact is None or column_name is None or case.statement is None:
        return None
    if fact.table.has_interleaved_sort_key:
        return None  # A filter on any of its columns would do; schema_review looks at the key.
    if filters_column(case, fact, column_name) or not wants_a_range(fact.table, column_name):
        return None
    if _has_filtered_twin(case, column_name):
        return None
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Restrict {fact.table.full_name} on its sort key {column_name}",
        rationale=paragraph(
            finding.evidence,
            f"{fact.table.full_name} is sorted by {column_name}, and the statement has no "
            "condition on it, so no block can be skipped",
        ),
        action=paragraph(
            f"Add a range on {column_name} if the question is about a part of the table; if it "
            f"follows from a joined table's condition, repeat it for {column_name}"
        ),
        expected_fraction=MISSING_PREDICATE_FRACTION,
        fact_ids=(fact.fact_id, case.statement.fact_id),
    )


def _has_filtered_twin(case: CaseFile, column_name: str) -> bool:
    """Whether an inner join sets the column equal to one that the statement filters."""
    twins = case.statement.clauses_of(ClauseKind.ONE_SIDED_FILTER) if case.statement else ()
    return any(clause.columns[1].column_name == column_name.lower() for clause in twins)


def advise_on_spill(case: CaseFile, finding: Finding) -> Advice:
    heavy = _heavy_steps(case, finding)
    where = f"the {listed(heavy)}" if heavy else "the steps that keep rows in memory"
    star = ", name the columns instead of *" if _selects_star(case) else ""
    order = (
        ", and drop an ORDER BY or DISTINCT that no reader needs"
        if not heavy or {_STEP_WORDS["sort"], _STEP_WORDS["unique"]} & set(heavy)
        else ""
    )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=titled(
            f"Carry fewer rows into the {listed(heavy)} that spill{'s' if len(heavy) == 1 else ''}"
            if heavy
            else "",
            "Carry fewer rows into the steps that spill",
        ),
        rationale=paragraph(
            finding.evidence,
            "Rows that do not fit into the memory of the query are written to disk and read again",
        ),
        action=paragraph(
            f"Bring only the rows and columns that are needed to {where}: filter before "
            f"{'it' if len(heavy) == 1 else 'them'}"
            f"{star}{order}"
        ),
        expected_fraction=SPILL_FRACTION,
    )


_STEP_WORDS = {
    "hash": "hash join",
    "hashjoin": "hash join",
    "sort": "sort",
    "aggregate": "aggregation",
    "unique": "removal of duplicates",
    "window": "window function",
    "save": "saved intermediate result",
}


def _heavy_steps(case: CaseFile, finding: Finding) -> list[str]:
    """The memory-keeping steps of the segments that the finding cites."""
    cited = {
        (fact.segment.child_query_sequence, fact.segment.segment_id)
        for fact in case.segments
        if fact.fact_id in finding.fact_ids
    }
    steps: list[StepFact] = [
        fact
        for fact in case.steps
        if (fact.step.child_query_sequence, fact.step.segment_id) in cited
        or fact.fact_id in finding.fact_ids
    ]
    words = (_STEP_WORDS.get(fact.step.step_name.strip().lower()) for fact in steps)
    return list(dict.fromkeys(word for word in words if word))


def _selects_star(case: CaseFile) -> bool:
    return case.statement is not None and case.statement.selects_star


def summarise(case: CaseFile, advice: Sequence[Advice], ruled_out: Sequence[RuledOut]) -> str:
    if advice:
        given = counted(len(advice), "recommendation")
        return f"{given} for the statement; most of its time is {dominant_bucket_text(case)}."
    if case.scrubbed_sql is None:
        return "The text of the statement is withheld, so it could not be read."
    return f"Nothing to change in the statement: {excluded_text(ruled_out)}."


OPTIMIZE = RulesReviewer(
    name=ReviewerName.OPTIMIZE,
    advisers={
        "nested_loop": advise_nested_loop,
        "function_on_sort_key": advise_wrapped_column,
        "select_star": advise_select_star,
        "no_filter_on_large_table": advise_unfiltered_table,
        "or_across_columns": advise_or_across_columns,
        "or_on_one_column": advise_or_on_one_column,
        "missing_redundant_predicate": advise_missing_redundant_predicate,
        "leading_wildcard": advise_leading_wildcard,
        "regular_expression": advise_regular_expression,
        "function_on_join_key": advise_join_key,
        "cross_join": advise_cross_join,
        "not_in_nullable": advise_not_in,
        "scalar_subquery": advise_scalar_subquery,
        "repeated_scan": advise_repeated_scan,
        "union_distinct": advise_union,
        "redundant_distinct": advise_redundant_distinct,
        "distinct_hiding_fan_out": advise_distinct_over_join,
        "count_distinct": advise_count_distinct,
        "window_without_partition": advise_window,
        "order_by_without_limit": advise_order_by,
        "many_joins": advise_many_joins,
        "row_by_row_insert": advise_row_by_row_insert,
        "delete_without_where": advise_delete_without_where,
        "unsorted_scan": advise_missing_predicate,
        "spill_to_disk": advise_on_spill,
        "no_partition_pruning": advise_partition_filter,
        "not_pushed_down": advise_push_down,
        "join_fan_out": advise_on_fan_out,
        "late_filter": advise_on_late_filter,
        "wide_rows": advise_on_width,
        "idle_aggregate": advise_on_idle_aggregate,
        "estimate_off": advise_on_estimate,
    },
    completes=completed_by_rewrites,
    summarise=summarise,
)
