"""The written views: their columns, their form, and that nothing in them is left to chance."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from backend.sample import SampleSummary, write_sample_export
from tests.unit.sample.conftest import LAST_DAY, Rows

DOCUMENTED = {
    "sys_query_history": "user_id query_id query_label transaction_id session_id database_name "
    "query_type status result_cache_hit start_time end_time elapsed_time queue_time "
    "execution_time error_message returned_rows returned_bytes query_text redshift_version "
    "usage_limit compute_type compile_time planning_time lock_wait_time service_class_id "
    "service_class_name query_priority short_query_accelerated user_query_hash "
    "generic_query_hash query_hash_version result_cache_query_id username",
    "sys_query_text": "user_id query_id transaction_id session_id start_time sequence text",
    "sys_query_detail": "user_id query_id child_query_sequence stream_id segment_id step_id "
    "step_name table_id table_name is_rrscan start_time end_time duration alert input_bytes "
    "input_rows output_bytes output_rows blocks_read blocks_write local_read_io remote_read_io "
    "source data_skewness time_skewness is_active spilled_block_local_disk "
    "spilled_block_remote_disk step_attribute metrics_level plan_parent_id plan_node_id",
    "sys_query_explain": "query_id child_query_sequence plan_node_id plan_parent_id plan_node "
    "plan_info",
    "svv_table_info": "database schema table_id table encoded diststyle sortkey1 max_varchar "
    "sortkey1_enc sortkey_num size pct_used empty unsorted stats_off tbl_rows skew_sortkey1 "
    "skew_rows estimated_visible_rows risk_event vacuum_sort_benefit create_time",
    "svv_redshift_columns": "database_name schema_name table_name column_name ordinal_position "
    "data_type column_default is_nullable encoding distkey sortkey column_acl remarks",
    "svv_alter_table_recommendations": "type database table_id group_id ddl auto_eligible",
    "sys_external_query_detail": "user_id query_id transaction_id child_query_sequence segment_id "
    "source_type start_time end_time duration total_partitions qualified_partitions "
    "scanned_files returned_rows returned_bytes file_format file_location external_query_text "
    "warning_message table_name is_recursive is_nested s3list_time get_partition_time",
    "svv_external_tables": "redshift_database_name schemaname tablename tabletype location "
    "input_format output_format serialization_lib serde_parameters compressed parameters",
    "svv_external_columns": "redshift_database_name schemaname tablename columnname external_type "
    "columnnum part_key is_nullable",
    "sys_load_history": "user_id query_id transaction_id session_id database_name status "
    "table_name start_time end_time duration data_source file_format loaded_rows loaded_bytes "
    "source_file_count source_file_bytes file_count_scanned file_bytes_scanned error_count "
    "copy_job_id",
    "svv_mv_info": "database_name schema_name user_name name is_stale state autorewrite "
    "autorefresh",
    "sys_mv_refresh_history": "user_id session_id transaction_id database_name schema_name mv_id "
    "mv_name refresh_type status start_time end_time duration consumer_account consumer_region "
    "consumer_namespace",
    "stv_wlm_service_class_config": "service_class queueing_strategy num_query_tasks "
    "target_num_query_tasks evictable eviction_threshold query_working_mem "
    "target_query_working_mem min_step_mem name max_execution_time user_group_wild_card "
    "query_group_wild_card concurrency_scaling query_priority user_role_wild_card",
    "stv_wlm_qmr_config": "service_class rule_name action metric_name metric_operator "
    "metric_value action_value",
    "stv_slices": "node slice localslice type",
    "stl_alert_event_log": "userid query slice segment step pid xid event solution event_time "
    "generic_query_hash querytxt",
}


@pytest.mark.parametrize("view", DOCUMENTED)
def test_each_view_has_the_columns_that_redshift_gives_it(
    view: str, rows_of: Callable[[str], Rows]
) -> None:
    rows = rows_of(view)

    assert rows
    assert list(rows[0]) == DOCUMENTED[view].split()


def test_the_same_day_gives_the_same_bytes(written: SampleSummary, tmp_path: Path) -> None:
    again = write_sample_export(tmp_path, last_day=LAST_DAY)

    assert [path.name for path in again.files] == [path.name for path in written.files]
    for first, second in zip(written.files, again.files, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_another_day_moves_the_four_weeks(tmp_path: Path) -> None:
    last_day = date(2027, 3, 1)

    summary = write_sample_export(tmp_path, last_day=last_day)

    assert (summary.first_day, summary.last_day) == (date(2027, 2, 2), last_day)


def test_the_runs_fill_28_days_and_no_other(
    written: SampleSummary, rows_of: Callable[[str], Rows]
) -> None:
    days = {row["start_time"][:10] for row in rows_of("sys_query_history")}

    assert len(rows_of("sys_query_history")) == written.runs
    assert 15_000 <= written.runs <= 25_000
    assert days == {str(LAST_DAY - timedelta(days=back)) for back in range(28)}


def test_query_ids_rise_with_the_start(rows_of: Callable[[str], Rows]) -> None:
    rows = rows_of("sys_query_history")

    ids = [int(row["query_id"]) for row in rows]
    assert ids == sorted(set(ids))
    assert [row["start_time"] for row in rows] == sorted(row["start_time"] for row in rows)


def test_no_bucket_is_negative_and_together_they_stay_within_the_elapsed_time(
    rows_of: Callable[[str], Rows],
) -> None:
    names = ("queue_time", "planning_time", "compile_time", "lock_wait_time", "execution_time")

    for row in rows_of("sys_query_history"):
        buckets = [int(row[name]) for name in names]
        assert min(buckets) >= 0
        assert sum(buckets) <= int(row["elapsed_time"])


def test_a_cached_result_points_to_a_run_of_the_same_text(rows_of: Callable[[str], Rows]) -> None:
    hits = [row for row in rows_of("sys_query_history") if row["result_cache_hit"] == "true"]

    assert len(hits) > 500
    assert all(int(row["result_cache_query_id"]) < int(row["query_id"]) for row in hits)
    assert all(row["execution_time"] == "0" for row in hits)


def test_long_statements_come_in_chunks_that_join_to_the_whole(
    rows_of: Callable[[str], Rows],
) -> None:
    chunks_of: dict[str, list[str]] = defaultdict(list)
    for row in rows_of("sys_query_text"):
        assert int(row["sequence"]) == len(chunks_of[row["query_id"]])
        chunks_of[row["query_id"]].append(row["text"])

    long_ones = [chunks for chunks in chunks_of.values() if len(chunks) > 1]
    assert long_ones
    for chunks in long_ones:
        whole = "".join(chunk.ljust(4_000) for chunk in chunks[:-1]) + chunks[-1]
        assert whole.replace("\\n", "\n").rstrip().endswith("order by cohort")
    assert {row["query_id"] for row in rows_of("sys_query_history")} == set(chunks_of)


def test_no_view_holds_a_raw_line_break(rows_of: Callable[[str], Rows]) -> None:
    assert not any("\n" in row["query_text"] for row in rows_of("sys_query_history"))
    assert not any("\n" in row["text"] for row in rows_of("sys_query_text"))


def test_reads_and_spill_stand_on_segments_and_rows_on_steps(
    rows_of: Callable[[str], Rows],
) -> None:
    rows = rows_of("sys_query_detail")
    segments = [row for row in rows if row["metrics_level"] == "segment"]
    steps = [row for row in rows if row["metrics_level"] == "step"]

    assert len(segments) + len(steps) == len(rows)
    assert sum(int(row["blocks_read"]) for row in segments) > 0
    assert sum(int(row["spilled_block_local_disk"]) for row in segments) > 0
    assert all(row["blocks_read"] == row["spilled_block_local_disk"] == "0" for row in steps)
    assert all(row["output_rows"] == row["input_rows"] == "0" for row in segments)


def test_every_step_repeats_the_duration_of_its_segment(rows_of: Callable[[str], Rows]) -> None:
    durations: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows_of("sys_query_detail"):
        durations[row["query_id"], row["segment_id"]].add(row["duration"])

    assert all(len(seconds) == 1 for seconds in durations.values())


def test_the_segments_take_the_execution_time_of_their_run(
    rows_of: Callable[[str], Rows],
) -> None:
    execution = {
        row["query_id"]: int(row["execution_time"]) for row in rows_of("sys_query_history")
    }
    spent: dict[str, int] = defaultdict(int)
    for row in rows_of("sys_query_detail"):
        if row["metrics_level"] == "segment":
            spent[row["query_id"]] += int(row["duration"])

    assert all(spent[query_id] == execution[query_id] for query_id in spent)


def test_every_scanned_table_is_in_table_info(rows_of: Callable[[str], Rows]) -> None:
    known = {
        f"{row['database']}.{row['schema']}.{row['table']}" for row in rows_of("svv_table_info")
    }

    outside = {row["table_name"] for row in rows_of("sys_external_query_detail")}
    scanned = {row["table_name"] for row in rows_of("sys_query_detail")} - {""}
    assert scanned - outside <= known
    assert len(known) >= 15


def test_lake_and_load_rows_are_of_runs_of_the_last_week(rows_of: Callable[[str], Rows]) -> None:
    started = {row["query_id"]: row["start_time"] for row in rows_of("sys_query_history")}

    for view in ("sys_external_query_detail", "sys_load_history"):
        for row in rows_of(view):
            assert started[row["query_id"]] <= row["start_time"]
            assert started[row["query_id"]][:10] > str(LAST_DAY - timedelta(days=7))


def test_readers_run_on_a_scaling_cluster_for_some_days(rows_of: Callable[[str], Rows]) -> None:
    scaled = [row for row in rows_of("sys_query_history") if row["compute_type"] != "primary"]

    assert {row["query_type"] for row in scaled} == {"SELECT"}
    assert len({row["start_time"][:10] for row in scaled}) == 4


def test_stl_ids_never_look_like_sys_ids(rows_of: Callable[[str], Rows]) -> None:
    query_ids = {row["query_id"] for row in rows_of("sys_query_history")}

    assert not query_ids & {row["query"] for row in rows_of("stl_alert_event_log")}


def test_the_literals_need_scrubbing(rows_of: Callable[[str], Rows]) -> None:
    texts = "\n".join({row["query_text"] for row in rows_of("sys_query_history")})

    assert re.search(r"'4000 \d{4} \d{4} \d{4}'", texts)
    assert re.search(r"[a-z.-]+@mail\.northlight\.example", texts)
    assert "aws_secret_access_key=" in texts
    assert "-- chargeback" in texts


def test_nobody_can_own_what_the_literals_name(rows_of: Callable[[str], Rows]) -> None:
    texts = "\n".join({row["query_text"] for row in rows_of("sys_query_history")})

    addresses = re.findall(r"[\w.+-]+@[\w.-]+", texts)
    cards = re.findall(r"\d{4} \d{4} \d{4} \d{4}", texts)
    assert {address.rpartition(".")[2] for address in addresses} == {"example"}
    assert cards
    assert not any(_has_right_check_digit(card.replace(" ", "")) for card in cards)
    assert "arn:aws:iam::000000000000:" in texts


def _has_right_check_digit(card: str) -> bool:
    doubled = [int(d) * (1 + (place % 2 == 0)) for place, d in enumerate(card)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
