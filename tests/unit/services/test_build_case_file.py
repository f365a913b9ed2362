"""A case file holds what the store knows of a pattern, and says what it could not hold."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from backend.adapters.sqlite.history import open_sqlite_history
from backend.domain.case_file import CaseFile
from backend.domain.errors import UnknownPatternError
from backend.domain.evidence import (
    AdvisorRow,
    Column,
    PlanEvidence,
    PlannerAlert,
    Segment,
    Step,
    StepsEvidence,
)
from backend.domain.pattern import Pattern
from backend.domain.runs import Runs
from backend.services.build_case_file import MOST_SEGMENTS, build_case_file
from backend.services.ports import HistoryStore, PatternRuns
from backend.sql.plan_text import parse_plan_text
from tests.builders import (
    A_DAY,
    A_MOMENT,
    a_hash,
    a_pattern,
    a_table,
    some_evidence,
    some_runs,
)

PLAN = """\
XN Hash Join DS_DIST_NONE  (cost=0.16..900.00 rows=91 width=72)
  ->  XN Seq Scan on orders o  (cost=0.00..91.00 rows=9100 width=40)
  ->  XN Hash  (cost=0.16..0.16 rows=16 width=32)
        ->  XN Seq Scan on volt_tt_1 t  (cost=0.00..0.16 rows=16 width=32)
XN Seq Scan on merge_tt_61c8  (cost=0.00..0.16 rows=16 width=32)
----- Tables missing statistics: orders -----
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    history = open_sqlite_history(tmp_path / "history.db")
    yield history
    history.close()


def keep(store: HistoryStore, pattern: Pattern | None = None, runs: Runs | None = None) -> str:
    kept = pattern or a_pattern()
    store.add_runs(
        [PatternRuns(pattern=kept, runs=some_runs(10) if runs is None else runs)], source="test"
    )
    return kept.query_hash


def case_of(store: HistoryStore, query_hash: str = a_hash()) -> CaseFile:
    return build_case_file(query_hash, store=store, now=A_MOMENT)


def a_step(segment_id: int, **changes: object) -> Step:
    known = {"child_query_sequence": 1, "segment_id": segment_id, "step_id": 0, "step_name": "scan"}
    return Step(**(known | changes))  # type: ignore[arg-type]


def a_segment(segment_id: int, seconds: float = 1.0) -> Segment:
    return Segment(
        child_query_sequence=1, stream_id=0, segment_id=segment_id, duration_seconds=seconds
    )


def what_is_missing(case: CaseFile) -> list[str]:
    return [gap.what for gap in case.missing]


def test_statistics_and_buckets_are_those_of_the_window(store: HistoryStore) -> None:
    keep(store, runs=some_runs(10, elapsed_seconds=4.0, queue_seconds=1.0))

    case = case_of(store)

    assert (case.statistics.runs, case.statistics.p95_elapsed_seconds) == (10, 4.0)
    assert case.buckets.buckets.queue_seconds == pytest.approx(10.0)
    assert case.window_end - case.window_start == timedelta(days=28)
    assert case.window_end.date() == A_DAY + timedelta(days=1)


def test_facts_are_numbered_in_the_order_in_which_they_are_listed(store: HistoryStore) -> None:
    keep(store)
    store.put_tables([a_table(row_count=5, columns=(Column(name="id", data_type="int8"),))])
    store.put_evidence(
        [
            some_evidence(
                plan=PlanEvidence(query_id=1, plan=parse_plan_text(PLAN)),
                steps=StepsEvidence(
                    query_id=1, elapsed_seconds=3.0, segments=(a_segment(0),), steps=(a_step(0),)
                ),
                alerts=(PlannerAlert(query_id=1, event="Nested Loop Join", solution="Review"),),
            )
        ]
    )

    case = case_of(store)

    ids = [fact.fact_id for fact in case.facts()]
    assert ids == [f"F{number}" for number in range(1, len(ids) + 1)]
    assert [fact.kind for fact in case.facts()].count("plan_node") == 5
    assert case.plan_notices[0].tables_missing_statistics == ("orders",)


def test_the_same_store_gives_the_same_case_file(store: HistoryStore) -> None:
    keep(store)
    store.put_evidence([some_evidence()])

    assert case_of(store) == case_of(store)


def test_tables_of_statement_plan_and_steps_are_found_with_their_advice(
    store: HistoryStore,
) -> None:
    keep(store)
    store.put_tables([a_table("sales.orders"), a_table("sales.shop"), a_table("sales.other")])
    advice = AdvisorRow(
        kind="sortkey",
        database_name="shop",
        table_id=1,
        group_id=-1,
        ddl='ALTER TABLE "sales"."orders" ALTER SORTKEY AUTO',
        is_auto_eligible=True,
        table_name="sales.orders",
    )
    store.put_advisor_rows([advice])
    store.put_evidence(
        [
            some_evidence(
                plan=PlanEvidence(query_id=1, plan=parse_plan_text(PLAN)),
                steps=StepsEvidence(
                    query_id=1,
                    elapsed_seconds=3.0,
                    segments=(a_segment(0),),
                    steps=(a_step(0, table_name="shop.sales.shop"),),
                ),
            )
        ]
    )

    case = case_of(store)

    assert [fact.table.full_name for fact in case.tables] == ["sales.orders", "sales.shop"]
    assert [fact.advice for fact in case.advisor] == [advice]


@pytest.mark.parametrize(
    "scan",
    [
        'S3 Seq Scan lake.orders location:"s3://shop" format:TEXT',
        'XN Seq Scan lake.orders location:"s3://shop" format:PARQUET',
        "XN Seq Scan lake.orders format:PARQUET",
    ],
)
def test_tables_of_the_data_lake_are_not_missed(store: HistoryStore, scan: str) -> None:
    keep(store, a_pattern(scrubbed_sql="SELECT id FROM lake.orders"))
    plan = parse_plan_text(f"{scan}  (cost=0.00..2.00 rows=1 width=1)")
    store.put_evidence([some_evidence(plan=PlanEvidence(query_id=1, plan=plan))])

    assert "table statistics" not in what_is_missing(case_of(store))


def test_a_table_is_that_of_the_database_in_which_the_pattern_runs(store: HistoryStore) -> None:
    keep(store, runs=some_runs(10, database="mart"))
    store.put_tables(
        [a_table(database="archive", row_count=1), a_table(database="mart", row_count=2)]
    )

    case = case_of(store)

    assert [fact.table.database_name for fact in case.tables] == ["mart"]


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        pytest.param(("public.sale", "old.sale"), ["public.sale"], id="public is meant"),
        pytest.param(("new.sale", "old.sale"), [], id="nothing is guessed"),
    ],
)
def test_a_bare_name_in_several_schemas(
    store: HistoryStore, stored: tuple[str, ...], found: list[str]
) -> None:
    keep(store, a_pattern(scrubbed_sql="SELECT id FROM sale"))
    store.put_tables([a_table(name, row_count=9) for name in stored])

    case = case_of(store)

    assert [fact.table.full_name for fact in case.tables] == found
    if not found:
        assert any("exists in several schemas" in gap.why for gap in case.missing)


def test_only_the_longest_segments_and_their_steps_are_taken(store: HistoryStore) -> None:
    keep(store)
    count = MOST_SEGMENTS + 5
    store.put_evidence(
        [
            some_evidence(
                steps=StepsEvidence(
                    query_id=1,
                    elapsed_seconds=9.0,
                    segments=tuple(a_segment(n, seconds=float(n)) for n in range(count)),
                    steps=tuple(a_step(n) for n in range(count)),
                )
            )
        ]
    )

    case = case_of(store)

    kept = [fact.segment.segment_id for fact in case.segments]
    assert kept == list(range(5, count))
    assert [fact.step.segment_id for fact in case.steps] == kept
    assert "short segments" in what_is_missing(case)


def test_what_is_not_there_is_said_with_the_way_to_get_it(store: HistoryStore) -> None:
    keep(store, a_pattern(scrubbed_sql=None, withheld_reason="It ends inside a string."))

    case = case_of(store)

    assert what_is_missing(case) == [
        "statement text",
        "plan",
        "segments and steps",
        "table statistics",
    ]
    assert case.missing[0].why == "It ends inside a string."
    assert all(".csv" in gap.how_to_get for gap in case.missing)


def test_a_load_does_not_miss_the_plan_that_it_cannot_have(store: HistoryStore) -> None:
    keep(store, a_pattern(query_type="COPY"))

    assert "plan" not in what_is_missing(case_of(store))


def test_tables_without_columns_are_said(store: HistoryStore) -> None:
    keep(store)
    store.put_tables([a_table(row_count=5)])

    case = case_of(store)

    (gap,) = [gap for gap in case.missing if gap.what == "columns"]
    assert "sales.orders" in gap.why


def test_a_window_without_runs_gives_a_case_file_that_says_so(store: HistoryStore) -> None:
    keep(store)

    case = build_case_file(
        a_hash(),
        store=store,
        now=A_MOMENT,
        first_day=date(2020, 1, 1),
        last_day=date(2020, 1, 31),
    )

    assert case.statistics.runs == 0
    assert "timed runs" in what_is_missing(case)


def test_an_unknown_pattern_is_an_error(store: HistoryStore) -> None:
    with pytest.raises(UnknownPatternError):
        case_of(store)
