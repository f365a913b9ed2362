"""The reviewer of the tables: statistics, distribution and order."""

from collections.abc import Sequence

from backend.domain.case_file import CaseFile
from backend.domain.finding import RuledOut
from backend.domain.in_words import counted, listed
from backend.domain.recommendation import ReviewerName
from backend.panel.reviewer import Advice
from backend.panel.rules.distribution_advice import advise_distribution
from backend.panel.rules.lake_advice import (
    advise_columnar_format,
    advise_compaction,
    advise_local_copy,
    advise_partitioning,
    advise_row_count,
)
from backend.panel.rules.load_advice import advise_fresh_view, advise_incremental_view
from backend.panel.rules.rules_reviewer import RulesReviewer, excluded_text
from backend.panel.rules.skew_advice import advise_on_skew
from backend.panel.rules.sort_order_advice import advise_sort_order
from backend.panel.rules.statistics_advice import advise_analyze


def summarise(case: CaseFile, advice: Sequence[Advice], ruled_out: Sequence[RuledOut]) -> str:
    names = [fact.table.full_name for fact in case.tables]
    names += [fact.table.full_name for fact in case.lake_tables]
    if not names and not advice:
        return "No row of SVV_TABLE_INFO is known for the tables of this pattern."
    if advice:
        given = counted(len(advice), "recommendation")
        return f"{given} for the tables{f'; looked at {listed(names)}' if names else ''}."
    return f"Nothing to change in {listed(names)}: {excluded_text(ruled_out)}."


SCHEMA_REVIEW = RulesReviewer(
    name=ReviewerName.SCHEMA_REVIEW,
    advisers={
        "missing_statistics": advise_analyze,
        "large_broadcast": advise_distribution,
        "redistributes_both_sides": advise_distribution,
        "data_skew": advise_on_skew,
        "unsorted_scan": advise_sort_order,
        "no_partition_pruning": advise_partitioning,
        "non_columnar_format": advise_columnar_format,
        "small_lake_files": advise_compaction,
        "missing_lake_row_count": advise_row_count,
        "repeated_lake_scans": advise_local_copy,
        "full_view_refresh": advise_incremental_view,
        "stale_materialized_view": advise_fresh_view,
    },
    summarise=summarise,
)
