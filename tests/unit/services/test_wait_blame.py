"""Waiting is charged from stored runs: by queue under manual WLM, else over the whole cluster."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.adapters.sqlite.history import open_sqlite_history
from backend.domain.cluster_use import PatternQueue
from backend.domain.runs import Runs
from backend.services.ports import HistoryStore, PatternRuns
from backend.services.wait_blame import MOST_DAYS, MOST_HOURS, Blame, BlameBook, worst_hours
from tests.builders import a_hash, a_pattern, some_runs

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)
WAITS, HOLDS, OTHER = 1, 2, 3


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    history = open_sqlite_history(tmp_path / "history.db")
    yield history
    history.close()


def keep(store: HistoryStore, number: int, runs: Runs, **pattern: object) -> None:
    kept = PatternRuns(pattern=a_pattern(a_hash(number), **pattern), runs=runs)
    store.add_runs([kept], source="test")


def a_run(minute: float, seconds: float, *, query_id: int = 1, **others: object) -> Runs:
    """From so many minutes past eight."""
    start = EIGHT + timedelta(minutes=minute)
    return some_runs(1, start=start, elapsed_seconds=seconds, first_query_id=query_id, **others)  # type: ignore[arg-type]


def blame_in(
    store: HistoryStore,
    queued: Sequence[datetime] = (EIGHT,),
    locked: Sequence[datetime] = (),
) -> Blame:
    book = BlameBook(store, list(store.pattern_heads()), store.pattern_queues)
    return book.blame(queued, locked)


def charged(store: HistoryStore, blame: Blame) -> dict[str, float]:
    heads = list(store.pattern_heads())
    return {heads[one.pattern].query_hash: one.others_seconds for one in blame.blamed}


def through(store: HistoryStore, **service_class: int) -> None:
    numbers = {"waits": WAITS, "holds": HOLDS, "other": OTHER}
    store.put_pattern_queues(
        [
            PatternQueue(query_hash=a_hash(numbers[name]), service_class=own, queue_name="", runs=1)
            for name, own in service_class.items()
        ]
    )


def test_waiting_is_charged_to_the_runs_under_way_over_the_whole_cluster(
    store: HistoryStore,
) -> None:
    keep(store, WAITS, a_run(10, 70, queue_seconds=60.0))
    keep(store, HOLDS, a_run(0, 3_000, query_id=2))

    blame = blame_in(store)

    assert charged(store, blame) == {a_hash(HOLDS): 60.0}
    assert (blame.waited_seconds, blame.charged_seconds, blame.hours) == (60.0, 60.0, 1)


def test_under_manual_wlm_only_runs_of_the_same_queue_hold_its_slots(store: HistoryStore) -> None:
    keep(store, WAITS, a_run(10, 70, queue_seconds=60.0))
    keep(store, HOLDS, a_run(0, 3_000, query_id=2))
    keep(store, OTHER, a_run(0, 3_000, query_id=3))
    through(store, waits=6, holds=7, other=6)

    assert charged(store, blame_in(store)) == {a_hash(OTHER): 60.0}


def test_queues_of_automatic_wlm_share_the_cluster(store: HistoryStore) -> None:
    keep(store, WAITS, a_run(10, 70, queue_seconds=60.0))
    keep(store, HOLDS, a_run(0, 3_000, query_id=2))
    through(store, waits=100, holds=101)

    assert charged(store, blame_in(store)) == {a_hash(HOLDS): 60.0}


def test_a_run_holds_its_slot_only_once_it_has_one(store: HistoryStore) -> None:
    keep(store, WAITS, a_run(10, 70, queue_seconds=60.0))
    # Got its slot half a minute behind the other, and held it to the end.
    keep(store, HOLDS, a_run(0, 3_000, query_id=2, queue_seconds=630.0))

    blame = blame_in(store)

    assert charged(store, blame)[a_hash(HOLDS)] == 30.0


def test_ddl_and_cached_answers_hold_no_slot(store: HistoryStore) -> None:
    keep(store, WAITS, a_run(10, 70, queue_seconds=60.0))
    keep(store, HOLDS, a_run(0, 3_000, query_id=2), query_type="DDL")
    keep(store, OTHER, a_run(0, 3_000, query_id=3, is_cache_hit=True))

    blame = blame_in(store)

    assert charged(store, blame) == {}
    assert (blame.waited_seconds, blame.charged_seconds) == (60.0, 0.0)


def test_only_waiting_that_began_in_the_hours_asked_for_counts(store: HistoryStore) -> None:
    keep(store, WAITS, a_run(130, 70, queue_seconds=60.0))
    keep(store, HOLDS, a_run(0, 30_000, query_id=2))

    assert blame_in(store).waited_seconds == 0.0
    assert blame_in(store, [EIGHT + timedelta(hours=2)]).waited_seconds == 60.0


def test_a_run_from_before_midnight_is_charged_once(store: HistoryStore) -> None:
    midnight = EIGHT.replace(hour=0)
    start = -8 * 60
    keep(store, WAITS, a_run(start + 10, 70, queue_seconds=60.0))
    keep(store, HOLDS, a_run(start - 30, 4 * 3_600, query_id=2))
    keep(store, OTHER, a_run(start - 20, 30, query_id=3, queue_seconds=20.0))

    blame = blame_in(store, [midnight, midnight - timedelta(hours=1)])

    assert charged(store, blame)[a_hash(HOLDS)] == 80.0


DELETE = {
    "query_type": "DELETE",
    "scrubbed_sql": "DELETE FROM sales.orders WHERE day < ?",
    "table_names": ("sales.orders",),
}


def test_lock_waiting_is_charged_to_who_changes_the_table_meanwhile(store: HistoryStore) -> None:
    keep(store, WAITS, a_run(10, 70, lock_wait_seconds=60.0))
    keep(store, HOLDS, a_run(0, 3_000, query_id=2), **DELETE)
    keep(store, OTHER, a_run(0, 3_000, query_id=3))

    blame = blame_in(store, (), [EIGHT])

    [(table, one)] = blame.lock_blamed
    assert (table, one.others_seconds) == ("sales.orders", 60.0)
    assert list(store.pattern_heads())[one.pattern].query_hash == a_hash(HOLDS)
    assert (blame.lock_waits, blame.lock_waited_seconds) == (1, 60.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"scrubbed_sql": "DELETE FROM sales.stores WHERE day < ?"},
        {"scrubbed_sql": "SELECT * FROM sales.orders", "query_type": "SELECT"},
    ],
    ids=["another table", "reads only"],
)
def test_who_does_not_change_the_table_is_no_candidate(
    store: HistoryStore, changes: dict[str, str]
) -> None:
    keep(store, WAITS, a_run(10, 70, lock_wait_seconds=60.0))
    keep(store, HOLDS, a_run(0, 3_000, query_id=2), **DELETE | changes)

    assert blame_in(store, (), [EIGHT]).lock_blamed == ()


def test_the_bare_name_of_a_table_may_mean_it(store: HistoryStore) -> None:
    keep(store, WAITS, a_run(10, 70, lock_wait_seconds=60.0))
    keep(
        store,
        HOLDS,
        a_run(0, 3_000, query_id=2),
        **DELETE | {"scrubbed_sql": "DELETE FROM orders", "table_names": ("orders",)},
    )

    assert len(blame_in(store, (), [EIGHT]).lock_blamed) == 1


def test_nothing_waits_in_an_empty_store(store: HistoryStore) -> None:
    blame = blame_in(store)

    assert (blame.waited_seconds, blame.blamed, blame.lock_blamed) == (0.0, (), ())


def test_the_worst_hours_are_of_few_days_and_not_too_many() -> None:
    start = EIGHT.replace(hour=0)
    seconds_of = {
        start + timedelta(days=day, hours=hour): float(day * 100 + hour)
        for day in range(MOST_DAYS + 4)
        for hour in range(24)
    }

    hours = worst_hours(seconds_of)

    assert len(hours) == MOST_HOURS
    assert hours[0] == max(seconds_of)
    assert hours == sorted(hours, key=lambda hour: -seconds_of[hour])
    few = worst_hours({start + timedelta(days=day): 1.0 for day in range(MOST_DAYS + 4)})
    assert len(few) == MOST_DAYS


def test_hours_without_waiting_are_none_of_the_worst() -> None:
    assert worst_hours({EIGHT: 0.0}) == []
