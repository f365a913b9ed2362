"""The reviewer of the tables: statistics, distribution and order."""

from collections.abc import Sequence

from backend.domain.case_file import CaseFile
from backend.domain.finding import RuledOut
from backend.domain.in_words import counted, listed
from backend.domain.recommendation import ReviewerName
from backend.panel.reviewer import Advice
from backend.panel.rules.deleted_rows_advice import advise_vacuum_delete
from backend.panel.rules.distribution_advice import advise_distribution
from backend.panel.rules.encoding_advice import (
    advise_encoding,
    advise_on_declared_width,
    advise_raw_sort_column,
)
from backend.panel.rules.group_key_advice import advise_group_key
from backend.panel.rules.lake_advice import (
    advise_columnar_format,
    advise_compaction,
    advise_local_copy,
    advise_partitioning,
    advise_row_count,
)
from backend.panel.rules.load_advice import advise_fresh_view, advise_incremental_view
from backend.panel.rules.one_side_advice import advise_one_side
from backend.panel.rules.pending_advisor_advice import advise_on_pending
from backend.panel.rules.rules_reviewer import RulesReviewer, excluded_text
from backend.panel.rules.second_sort_key_advice import advise_second_sort_column
from backend.panel.rules.serial_join_advice import advise_serial_join
from backend.panel.rules.skew_advice import advise_on_skew, advise_on_slow_slice
from backend.panel.rules.sort_order_advice import (
    advise_on_interleaved_key,
    advise_sort_order,
    advise_sorting,
    advise_vacuum_sort,
)
from backend.panel.rules.statistics_advice import advise_analyze
from backend.panel.rules.table_spread_advice import (
    advise_copies,
    advise_on_date_key,
    advise_on_large_copies,
)


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
        "redistributes_one_side": advise_one_side,
        "serial_join": advise_serial_join,
        "two_phase_aggregation": advise_group_key,
        "data_skew": advise_on_skew,
        "time_skew": advise_on_slow_slice,
        "unsorted_scan": advise_sort_order,
        "no_partition_pruning": advise_partitioning,
        "non_columnar_format": advise_columnar_format,
        "small_lake_files": advise_compaction,
        "missing_lake_row_count": advise_row_count,
        "repeated_lake_scans": advise_local_copy,
        "full_view_refresh": advise_incremental_view,
        "stale_materialized_view": advise_fresh_view,
        "selective_filter": advise_second_sort_column,
        "hash_join_could_merge": advise_sorting,
        "merges_unsorted_region": advise_sorting,
        "ghost_rows": advise_vacuum_delete,
        "stale_vacuum": advise_vacuum_sort,
        "interleaved_sort_key": advise_on_interleaved_key,
        "encoded_sort_key": advise_raw_sort_column,
        "low_encoding": advise_encoding,
        "wide_varchar": advise_on_declared_width,
        "date_distribution_key": advise_on_date_key,
        "all_too_large": advise_on_large_copies,
        "small_not_all": advise_copies,
        "pending_advisor": advise_on_pending,
    },
    summarise=summarise,
)
