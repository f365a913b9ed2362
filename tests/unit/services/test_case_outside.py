"""What a case file knows from outside of plan and steps: the data lake, loads, views, slices."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend.adapters.sqlite.history import open_sqlite_history
from backend.domain.case_file import CaseFile
from backend.domain.evidence import Step, StepsEvidence
from backend.domain.lake import LakeDay, LakeEvidence, LakeScan, LakeTable
from backend.domain.loads import LoadDay
from backend.domain.materialized_view import MaterializedView
from backend.domain.money import Cost, Prices
from backend.services.build_case_file import build_case_file
from backend.services.case_outside import MOST_SCANS
from backend.services.ports import HistoryStore, PatternRuns
from tests.builders import A_DAY, A_MOMENT, a_hash, a_pattern, some_evidence, some_runs

LONG_AGO = A_DAY - timedelta(days=40)
BY_DAY = "SELECT day, sum(amount) FROM sales.orders WHERE day > ? GROUP BY 1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    history = open_sqlite_history(tmp_path / "history.db")
    yield history
    history.close()


def case_of(store: HistoryStore, **pattern: object) -> CaseFile:
    runs = PatternRuns(pattern=a_pattern(**pattern), runs=some_runs(10))
    store.add_runs([runs], source="test")
    return build_case_file(a_hash(), store=store, now=A_MOMENT)


def a_scan(name: str = "lake.clicks", seconds: float = 1.0, **changes: object) -> LakeScan:
    return LakeScan(table_name=name, duration_seconds=seconds, **changes)  # type: ignore[arg-type]


def a_lake_day(scanned_bytes: int, **changes: object) -> LakeDay:
    known = {"day": A_DAY, "table_name": "lake.clicks", "runs": 2, "scanned_files": 3}
    return LakeDay(**{**known, "scanned_bytes": scanned_bytes, "seconds": 1.0, **changes})


def a_view(name: str = "daily", **changes: object) -> MaterializedView:
    known = {"database_name": "shop", "schema_name": "mart", "name": name}
    return MaterializedView(**{**known, **changes})


def roles(case: CaseFile) -> list[tuple[str, str]]:
    return [(fact.role, fact.view.name) for fact in case.materialized_views]


def test_the_longest_external_scans_become_facts_with_their_tables(store: HistoryStore) -> None:
    scans = [a_scan(seconds=float(n), segment_id=n) for n in range(MOST_SCANS + 5)]
    lake = LakeEvidence(query_id=7, elapsed_seconds=90.0, scans=tuple(scans), bad_rows=3)
    store.put_evidence([some_evidence(lake=lake)])
    table = LakeTable(database_name="shop", schema_name="lake", table_name="clicks")
    store.put_lake_tables([table])

    case = case_of(store)

    assert (case.lake_query_id, case.lake_elapsed_seconds) == (7, 90.0)
    assert len(case.lake_scans) == MOST_SCANS
    assert case.lake_scans[0].scan.duration_seconds == MOST_SCANS + 4
    assert case.lake_errors is not None
    assert case.lake_errors.bad_rows == 3
    assert [fact.table for fact in case.lake_tables] == [table]


def test_days_of_the_lake_within_the_window_are_added_up_by_table(store: HistoryStore) -> None:
    days = (
        a_lake_day(100),
        a_lake_day(50, day=A_DAY - timedelta(days=1)),
        a_lake_day(900, table_name="lake.shops"),
        a_lake_day(9_999, day=LONG_AGO),
    )
    store.put_evidence([some_evidence(lake_days=days)])

    shops, clicks = case_of(store).lake_uses

    assert (shops.table_name, shops.scanned_bytes) == ("lake.shops", 900)
    assert (clicks.scanned_bytes, clicks.runs, clicks.days) == (150, 4, 2)


def test_what_spectrum_charges_is_told_where_its_price_is_configured(store: HistoryStore) -> None:
    store.put_evidence([some_evidence(lake_days=(a_lake_day(3_000_000_000_000),))])
    case_of(store)
    prices = Prices(as_of=A_DAY, nodes=2, node_hour=1.0, spectrum_tb=5.0)

    [use] = build_case_file(a_hash(), store=store, now=A_MOMENT, prices=prices).lake_uses

    assert use.cost == Cost(dollars=15.0, prices_as_of=A_DAY)


def test_loads_within_the_window_are_added_up(store: HistoryStore) -> None:
    known = {"table_name": "stg.orders", "file_format": "csv", "files": 6, "file_bytes": 60}
    days = tuple(
        LoadDay(day=day, copies=2, file_counts=((3, 2),), **known)  # type: ignore[arg-type]
        for day in (A_DAY, A_DAY - timedelta(days=1), LONG_AGO)
    )
    store.put_evidence([some_evidence(load_days=days)])
    store.put_slice_count(4)

    case = case_of(store)

    [fact] = case.loads
    assert (fact.load.copies, fact.load.days, fact.load.file_counts) == (4, 2, ((3, 4),))
    assert case.slices is not None
    assert case.slices.slices == 4


def test_a_pattern_without_loads_knows_no_slices(store: HistoryStore) -> None:
    store.put_slice_count(4)

    assert case_of(store).slices is None


def test_a_view_is_read_where_the_statement_names_it(store: HistoryStore) -> None:
    store.put_materialized_views([a_view(), a_view("other")])

    case = case_of(
        store,
        scrubbed_sql="SELECT total FROM mart.daily WHERE day = ?",
        table_names=("mart.daily",),
    )

    assert roles(case) == [("read", "daily")]


def test_a_view_is_read_where_a_step_scans_the_table_behind_it(store: HistoryStore) -> None:
    store.put_materialized_views([a_view()])
    step = Step(
        child_query_sequence=1,
        segment_id=0,
        step_id=0,
        step_name="scan",
        table_name="shop.mart.mv_tbl__daily__0",
    )
    steps = StepsEvidence(query_id=1, elapsed_seconds=1.0, segments=(), steps=(step,))
    store.put_evidence([some_evidence(steps=steps)])

    assert roles(case_of(store)) == [("read", "daily")]


@pytest.mark.parametrize("name", ["mart.daily", "shop.mart.daily", "daily", '"mart"."daily"'])
def test_a_refresh_is_of_the_view_that_it_names(store: HistoryStore, name: str) -> None:
    store.put_materialized_views([a_view(), a_view("daily_too")])

    case = case_of(
        store,
        query_type="OTHER",
        scrubbed_sql=f"REFRESH MATERIALIZED VIEW {name}",
        table_names=(),
    )

    assert roles(case) == [("refreshed", "daily")]


@pytest.mark.parametrize(
    ("view", "query_type", "expected"),
    [
        ({}, "SELECT", [("same_tables", "daily")]),
        ({"is_rewrite_enabled": False}, "SELECT", []),
        ({"base_tables": ("sales.orders", "sales.stores")}, "SELECT", []),
        ({"base_tables": ()}, "SELECT", []),
        ({}, "INSERT", []),
    ],
)
def test_a_view_of_the_same_tables_may_answer_a_question(
    store: HistoryStore,
    view: dict[str, object],
    query_type: str,
    expected: list[tuple[str, str]],
) -> None:
    known: dict[str, object] = {"is_rewrite_enabled": True, "base_tables": ("sales.orders",)}
    store.put_materialized_views([a_view(**known | view)])

    assert roles(case_of(store, scrubbed_sql=BY_DAY, query_type=query_type)) == expected


def test_ids_run_on_behind_the_other_facts(store: HistoryStore) -> None:
    lake = LakeEvidence(query_id=7, elapsed_seconds=9.0, scans=(a_scan(),))
    store.put_evidence([some_evidence(lake=lake, lake_days=(a_lake_day(5),))])
    store.put_materialized_views([a_view(is_rewrite_enabled=True, base_tables=("sales.orders",))])

    case = case_of(store, scrubbed_sql=BY_DAY)

    ids = [fact.fact_id for fact in case.facts()]
    assert ids == [f"F{number}" for number in range(1, len(ids) + 1)]
    assert {"lake_scan", "lake_use", "materialized_view"} <= {fact.kind for fact in case.facts()}
