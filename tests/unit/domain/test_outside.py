"""Loads, lake scans and hours: what they add up to."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.cluster_use import HourUse
from backend.domain.lake import LakeScan, is_columnar
from backend.domain.loads import LoadDay, idle_slice_share, loads_of


@pytest.mark.parametrize(
    ("files", "idle"), [(16, 0.0), (32, 0.0), (3, 13 / 16), (17, 15 / 32), (1, 15 / 16), (8, 0.5)]
)
def test_slices_without_a_file_are_idle(files: int, idle: float) -> None:
    assert idle_slice_share(((files, 9),), 16) == pytest.approx(idle)


def test_idle_slices_are_weighed_by_copies() -> None:
    assert idle_slice_share(((16, 3), (8, 1)), 16) == pytest.approx(0.125)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 50))), st.integers(0, 128))
def test_idle_time_is_a_share(counts: list[tuple[int, int]], slices: int) -> None:
    assert 0 <= idle_slice_share(tuple(counts), slices) < 1


def test_days_of_loads_add_up_within_the_window() -> None:
    days = tuple(
        LoadDay(
            day=date(2026, 11, day),
            table_name=table,
            file_format="csv",
            copies=2,
            files=6,
            file_bytes=600,
            seconds=float(day),
            file_counts=((3, 2),),
        )
        for day in (1, 2, 3)
        for table in ("orders", "clicks")
    )

    first, second = loads_of(days, date(2026, 11, 2), date(2026, 11, 3))

    assert {first.table_name, second.table_name} == {"orders", "clicks"}
    assert (first.days, first.copies, first.files, first.seconds) == (2, 4, 12, 5.0)
    assert first.file_counts == ((3, 4),)
    assert (first.bytes_a_file, first.bytes_a_copy, first.files_a_copy) == (100, 300, 3)


@pytest.mark.parametrize(
    ("total", "qualified", "pruned"), [(0, 0, 0.0), (100, 5, 0.95), (10, 10, 0.0), (10, 12, 0.0)]
)
def test_pruning_is_the_part_left_out(total: int, qualified: int, pruned: float) -> None:
    scan = LakeScan(table_name="a.b", total_partitions=total, qualified_partitions=qualified)

    assert scan.pruned_share == pytest.approx(pruned)


def test_formats_are_known_by_their_names() -> None:
    assert is_columnar("PARQUET") is True
    assert is_columnar("OpenCSV") is False
    assert is_columnar("") is None


def test_hours_add_up_and_keep_their_queue() -> None:
    hour = datetime(2026, 11, 10, 7, tzinfo=UTC)
    one = HourUse(hour=hour, queue_name="loads", runs=2, queue_seconds=3.0, elapsed_seconds=10.0)
    other = HourUse(hour=hour, queue_name="desk", runs=1, queue_seconds=1.0, elapsed_seconds=10.0)

    both = one.plus(other)

    assert (both.queue_name, both.runs, both.queue_share) == ("loads", 3, 0.2)
