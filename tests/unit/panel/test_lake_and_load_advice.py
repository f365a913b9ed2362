"""What the reviewers say about the data lake, loads and materialized views: with its own numbers."""

from typing import Any

import pytest

from backend.domain.case_file import (
    CaseFile,
    ColumnUse,
    LakeScanFact,
    LakeTableFact,
    LakeUseFact,
    LoadFact,
    MaterializedViewFact,
    SlicesFact,
)
from backend.domain.finding import Finding
from backend.domain.lake import LakeScan, LakeTable
from backend.domain.loads import Load
from backend.domain.materialized_view import MaterializedView
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.cost_review import COST_REVIEW
from backend.panel.rules.optimize import OPTIMIZE
from backend.panel.rules.schema_review import SCHEMA_REVIEW
from tests.builders import a_finding
from tests.unit.panel.cases import a_case

CLICKS = "lake.clicks"


def a_lake_case(*, keys: tuple[str, ...] = ("day", "hour"), **scan: Any) -> CaseFile:
    known: dict[str, Any] = {
        "table_name": f"shop.{CLICKS}",
        "duration_seconds": 90.0,
        "total_partitions": 400,
        "qualified_partitions": 400,
        "scanned_files": 20_000,
        "scanned_rows": 5_000_000,
        "scanned_bytes": 12_800_000_000,
        "file_format": "Text",
    }
    table = LakeTable(
        database_name="shop",
        schema_name="lake",
        table_name="clicks",
        file_format="JSON",
        partition_keys=keys,
    )
    use = LakeUseFact(
        fact_id="F92",
        table_name=f"shop.{CLICKS}",
        runs=40,
        days=7,
        scanned_bytes=400_000_000_000,
        scanned_files=9,
        seconds=5.0,
    )
    return a_case(
        lake_scans=(LakeScanFact(fact_id="F90", scan=LakeScan(**known | scan)),),
        lake_tables=(LakeTableFact(fact_id="F91", table=table),),
        lake_uses=(use,),
        filtered=(ColumnUse(table_name="clicks", column_name="shop_id", expression="shop_id = ?"),),
    )


def about_the_lake(check: str, **changes: Any) -> Finding:
    return a_finding(check, subject=CLICKS, fact_ids=("F90",), **changes)


def all_advice(case: CaseFile, finding: Finding) -> list[Advice]:
    reviewers = (OPTIMIZE, SCHEMA_REVIEW, COST_REVIEW)
    return [each for one in reviewers for each in one.review(case, [finding], []).advice]


def the_one(case: CaseFile, finding: Finding) -> Advice:
    (advice,) = all_advice(case, finding)
    return advice


def test_a_partitioned_table_gets_a_filter_on_its_partition_columns():
    advice = the_one(a_lake_case(), about_the_lake("no_partition_pruning"))

    assert advice.title == "Compare the partition column day with constants"
    assert "day and hour" in advice.action
    assert advice.category is Category.REWRITE
    assert "F91" in advice.fact_ids


def test_a_table_without_partitions_is_to_be_partitioned_by_what_is_filtered():
    case = a_lake_case(keys=(), total_partitions=0, qualified_partitions=0)

    advice = the_one(case, about_the_lake("no_partition_pruning"))

    assert advice.title == "Partition lake.clicks"
    assert "such as shop_id" in advice.action
    assert advice.category is Category.TABLE_DESIGN


def test_row_files_are_to_be_rewritten_and_their_format_is_named():
    advice = the_one(a_lake_case(), about_the_lake("non_columnar_format"))

    assert advice.title == "Write lake.clicks as Parquet"
    assert "the JSON files" in advice.action


def test_how_many_files_remain_is_worked_out():
    advice = the_one(a_lake_case(), about_the_lake("small_lake_files"))

    assert "about 100 instead of 20,000" in advice.action


def test_what_is_not_pushed_down_is_the_statements_matter():
    advice = the_one(a_lake_case(), about_the_lake("not_pushed_down"))

    assert advice.category is Category.REWRITE
    assert "lake.clicks" in advice.title


@pytest.mark.parametrize(("qualified", "is_known"), [(400, True), (4, False)])
def test_rows_are_told_only_where_a_scan_read_the_whole_table(qualified: int, is_known: bool):
    case = a_lake_case(qualified_partitions=qualified)

    advice = the_one(case, about_the_lake("missing_lake_row_count"))

    assert ("5 million rows" in advice.action) == is_known


def test_what_each_run_reads_is_to_be_kept_near():
    finding = a_finding("repeated_lake_scans", subject=CLICKS, fact_ids=("F92",))

    advice = the_one(a_lake_case(), finding)

    assert "10 GB that a run reads" in advice.action


def a_load_case(*, slices: int | None = 16, **load: Any) -> CaseFile:
    known: dict[str, Any] = {
        "table_name": "stg.orders",
        "file_format": "csv",
        "days": 7,
        "copies": 1_400,
        "files": 1_400,
        "file_bytes": 1_400 * 3_200_000_000,
        "file_counts": ((1, 1_400),),
    }
    return a_case(
        loads=(LoadFact(fact_id="F80", load=Load(**known | load)),),
        slices=SlicesFact(fact_id="F81", slices=slices) if slices else None,
    )


def about_the_load(check: str) -> Finding:
    return a_finding(check, subject="stg.orders", fact_ids=("F80",))


def test_a_load_is_split_into_a_multiple_of_the_slices():
    advice = the_one(a_load_case(), about_the_load("copy_file_count"))

    assert advice.title == "Split each load into 16 files"
    assert "200 MB each" in advice.action
    assert "F81" in advice.fact_ids


def test_files_of_a_very_large_load_stay_below_a_gigabyte():
    advice = the_one(
        a_load_case(file_bytes=1_400 * 40_000_000_000), about_the_load("copy_file_count")
    )

    assert advice.title == "Split each load into 48 files"


def test_without_the_slices_nothing_can_be_said_of_a_multiple():
    assert all_advice(a_load_case(slices=None), about_the_load("copy_file_count")) == []


def test_many_small_copies_are_to_be_fewer():
    case = a_load_case(file_bytes=1_400 * 2_000_000)

    advice = the_one(case, about_the_load("small_copy_files"))

    assert "200 COPY runs a day of 2 MB each" in advice.action


@pytest.mark.parametrize("check", ["uncompressed_copy", "compression_analysis"])
def test_other_faults_of_a_load_have_their_advice(check: str):
    assert all_advice(a_load_case(), about_the_load(check))


def a_view_case(role: str = "refreshed", **view: Any) -> CaseFile:
    known = {"database_name": "shop", "schema_name": "mart", "name": "daily"}
    fact = MaterializedViewFact(
        fact_id="F70",
        role=role,
        view=MaterializedView(**known | view),  # type: ignore[arg-type]
    )
    return a_case(materialized_views=(fact,))


def about_the_view(check: str) -> Finding:
    return a_finding(check, subject="mart.daily", fact_ids=("F70",))


def test_a_view_that_is_recomputed_is_to_become_incremental():
    advice = the_one(a_view_case(state=0), about_the_view("full_view_refresh"))

    assert advice.title == "Make mart.daily refresh incrementally"


def test_a_broken_view_is_to_be_created_again_and_why_is_told():
    advice = the_one(a_view_case(state=104), about_the_view("full_view_refresh"))

    assert advice.title == "Create mart.daily again, or drop it"
    assert "a column of a base table was renamed" in advice.action


@pytest.mark.parametrize(
    ("is_auto", "words"), [(True, "SYS_MV_REFRESH_HISTORY"), (False, "turn on AUTO REFRESH")]
)
def test_a_view_that_could_answer_is_to_be_kept_fresh(is_auto: bool, words: str):
    case = a_view_case("same_tables", is_auto_refreshed=is_auto)

    advice = the_one(case, about_the_view("stale_materialized_view"))

    assert words in advice.action


def test_freshness_saves_nothing_where_the_view_is_read_anyway():
    assert all_advice(a_view_case("read"), about_the_view("stale_materialized_view")) == []
