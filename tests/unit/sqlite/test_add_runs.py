"""However the runs are cut into writings, the same is kept."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta

import numpy as np
import pytest

from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.errors import StoreUnavailableError
from backend.domain.pattern import PatternFilter
from backend.domain.runs import Runs, RunStatus
from backend.services.ports import PatternRuns, RunsAdded
from tests.builders import a_hash, a_pattern, some_runs
from tests.unit.sqlite.store_figures import assert_figures_fit_the_blocks

MANY, FEW = a_hash(1), a_hash(2)


def mixed_runs(count: int, first_query_id: int, seed: int) -> Runs:
    """Of one day; users, databases, labels, failures and equal starts all mixed."""
    dice = np.random.default_rng(seed)
    return some_runs(
        count,
        every=timedelta(seconds=30) if seed % 2 else timedelta(0),
        first_query_id=first_query_id,
        elapsed_seconds=dice.integers(1, 5_000, count) / 1_000,
        queue_seconds=0.001,
        status=dice.choice([RunStatus.SUCCESS, RunStatus.SUCCESS, RunStatus.FAILED], count),
        is_cache_hit=dice.random(count) < 0.1,
        user=[f"user {number}" for number in dice.integers(0, 3, count)],
        database=[f"db {number}" for number in dice.integers(0, 2, count)],
        label=[f"label {number}" if number else "" for number in dice.integers(0, 4, count)],
    )


def add(store: SqliteHistory, runs: Runs) -> RunsAdded:
    return store.add_runs([PatternRuns(pattern=a_pattern(MANY), runs=runs)], source="export")


def batches() -> Iterator[tuple[str, list[PatternRuns]]]:
    """Each overlaps the one before, and the sources take turns."""
    for number in range(4):
        many = mixed_runs(700, number * 500, seed=number)
        few = some_runs(5, first_query_id=number * 3, every=timedelta(hours=9))
        parts = [
            PatternRuns(pattern=a_pattern(MANY), runs=many),
            PatternRuns(pattern=a_pattern(FEW), runs=few),
        ]
        yield ("export" if number != 2 else "cluster"), parts


@pytest.mark.parametrize("rows_at_once", [1, 100, 1_000])
def test_runs_written_little_by_little_are_kept_as_those_written_at_once(
    tmp_path, monkeypatch, rows_at_once
):
    at_once = open_sqlite_history(tmp_path / "at-once.sqlite")
    changed_at_once = [at_once.add_runs(parts, source=source) for source, parts in batches()]
    for module in ("add_runs", "write_day"):
        monkeypatch.setattr(f"backend.adapters.sqlite.{module}.ROWS_AT_ONCE", rows_at_once)
    slowly = open_sqlite_history(tmp_path / "slowly.sqlite")

    changed = [slowly.add_runs(parts, source=source) for source, parts in batches()]

    assert changed == changed_at_once
    assert seen(slowly) == seen(at_once)
    assert_figures_fit_the_blocks(tmp_path / "slowly.sqlite")
    slowly.close()
    at_once.close()


def test_a_days_runs_are_read_back_where_parts_begin_and_end(tmp_path, monkeypatch):
    for module in ("add_runs", "write_day"):
        monkeypatch.setattr(f"backend.adapters.sqlite.{module}.ROWS_AT_ONCE", 10)
    store = open_sqlite_history(tmp_path / "history.sqlite")
    add(store, some_runs(95))

    again = add(store, some_runs(96))

    assert (again.new_runs, again.known_runs) == (1, 95)
    assert store.runs_of(MANY).query_id.tolist() == list(range(1, 97))
    store.close()


def test_a_few_runs_kept_as_columns_by_an_older_version_are_read_and_added_to(
    tmp_path, monkeypatch
):
    store = open_sqlite_history(tmp_path / "history.sqlite")
    with monkeypatch.context() as older:
        older.setattr("backend.adapters.sqlite.write_day.ROWS_AT_MOST", 0)
        add(store, some_runs(3, label="nightly"))

    added = add(store, some_runs(5, label="nightly"))

    assert (added.new_runs, added.known_runs) == (2, 3)
    assert store.runs_of(MANY).query_id.tolist() == [1, 2, 3, 4, 5]
    assert store.runs_of(MANY).query_label.tolist() == ["nightly"] * 5
    assert assert_figures_fit_the_blocks(tmp_path / "history.sqlite") == 5
    store.close()


def test_adding_stops_when_another_process_clears_the_store(tmp_path, monkeypatch):
    path = tmp_path / "history.sqlite"
    store, other = open_sqlite_history(path), open_sqlite_history(path)
    # The pause between two writings is when others come in.
    monkeypatch.setattr("backend.adapters.sqlite.add_runs.sleep", lambda _: other.clear())

    with pytest.raises(StoreUnavailableError, match="cleared by another process"):
        add(store, some_runs(3, every=timedelta(days=1)))

    assert store.known_names().first_day is None
    store.close()
    other.close()


def seen(store: SqliteHistory) -> list[object]:
    wanted = PatternFilter(users=("user 1",), databases=("db 0",))
    found: list[object] = [
        store.rank_patterns(PatternFilter(), limit=5),
        store.rank_patterns(wanted, limit=5),
        store.rank_patterns(PatternFilter(text="label 2"), limit=5),
        store.known_names(),
        store.daily_seconds(PatternFilter()),
    ]
    for query_hash in (MANY, FEW):
        runs = store.runs_of(query_hash)
        found.append({field.name: getattr(runs, field.name).tolist() for field in fields(Runs)})
        found.append(store.pattern_days(query_hash))
    return found
