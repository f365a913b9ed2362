"""What two snapshots of a table have not in common, and which events did something."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.domain.evidence import Column
from backend.domain.table_history import (
    TableChange,
    TableEvent,
    TableEventKind,
    TableFigure,
    TableSnapshot,
    snapshot_of,
    table_changes,
)
from tests.builders import A_MOMENT, a_table

LATER = A_MOMENT + timedelta(days=7)
KEYED = (
    Column(name="id", data_type="int8", sort_key_position=2, encoding="az64"),
    Column(name="day", data_type="date", sort_key_position=1, encoding="none"),
    Column(name="note", data_type="varchar(40)", encoding="lzo"),
)


def then(**figures: Any) -> TableSnapshot:
    return snapshot_of(a_table(**figures), A_MOMENT)


def now(**figures: Any) -> TableSnapshot:
    return snapshot_of(a_table(**figures), LATER)


def changes(before: TableSnapshot, after: TableSnapshot) -> dict[TableFigure, Any]:
    return {one.figure: (one.before, one.after) for one in table_changes(before, after)}


def test_the_columns_of_the_sort_key_stand_in_their_order() -> None:
    assert then(columns=KEYED).sort_key == ("day", "id")


def test_an_interleaved_key_counts_by_its_position_without_the_sign() -> None:
    columns = (
        Column(name="b", data_type="int8", sort_key_position=-2),
        Column(name="a", data_type="int8", sort_key_position=1),
    )

    assert then(columns=columns).sort_key == ("a", "b")


def test_the_moment_alone_is_no_difference() -> None:
    assert not then(row_count=7).differs_from(now(row_count=7))
    assert then(row_count=7).differs_from(now(row_count=8))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"row_count": 10}, {"row_count": 400}, {TableFigure.ROWS: (10, 400)}),
        ({"size_mb": 10}, {"size_mb": 9}, {TableFigure.SIZE: (10, 9)}),
        (
            {"distribution_style": "KEY(id)"},
            {"distribution_style": "AUTO(EVEN)"},
            {TableFigure.DISTRIBUTION: ("KEY(id)", "AUTO(EVEN)")},
        ),
        (
            {"columns": KEYED},
            {"columns": tuple(replace(one, sort_key_position=0) for one in KEYED)},
            {TableFigure.SORT_KEY: ("day, id", "none")},
        ),
        (
            {"first_sort_key": "day"},
            {"first_sort_key": "AUTO(SORTKEY)"},
            {TableFigure.SORT_KEY: ("day", "AUTO(SORTKEY)")},
        ),
        (
            {"unsorted_percent": 0.0},
            {"unsorted_percent": 71.8},
            {TableFigure.UNSORTED: (0.0, 71.8)},
        ),
        (
            {"statistics_off_percent": 2},
            {"statistics_off_percent": 97},
            {TableFigure.STATISTICS: (2, 97)},
        ),
        (
            {"created_at": A_MOMENT},
            {"created_at": LATER},
            {TableFigure.CREATED: (A_MOMENT.isoformat(), LATER.isoformat())},
        ),
    ],
)
def test_a_figure_that_is_another_is_a_change(
    before: dict[str, Any], after: dict[str, Any], told: dict[TableFigure, Any]
) -> None:
    assert changes(then(**before), now(**after)) == told
    assert changes(then(**before), now(**before)) == {}


def test_another_encoding_type_or_name_of_a_column_is_told_as_one_change() -> None:
    for changed in ({"encoding": "zstd"}, {"data_type": "varchar(99)"}, {"name": "remark"}):
        columns = (*KEYED[:2], replace(KEYED[2], **changed))

        assert set(changes(then(columns=KEYED), now(columns=columns))) == {TableFigure.ENCODINGS}


@pytest.mark.parametrize("figure", ["row_count", "statistics_off_percent", "created_at"])
def test_a_figure_that_one_export_lacks_is_no_change(figure: str) -> None:
    value = A_MOMENT if figure == "created_at" else 7

    assert changes(then(), now(**{figure: value})) == {}
    assert changes(then(**{figure: value}), now()) == {}


def test_columns_that_one_export_lacks_are_no_change_of_encodings() -> None:
    told = changes(then(columns=KEYED), now(first_sort_key="day"))

    assert TableFigure.ENCODINGS not in told


@pytest.mark.parametrize(
    ("before", "after", "ratio"),
    [(10, 40, 4.0), (0, 40, None), (None, 40, None), ("EVEN", "ALL", None)],
)
def test_the_ratio_is_that_of_two_numbers(before: Any, after: Any, ratio: float | None) -> None:
    change = TableChange(figure=TableFigure.ROWS, before=before, after=after)

    assert change.ratio == ratio


@pytest.mark.parametrize(
    ("kind", "status", "has_effect"),
    [
        (TableEventKind.ANALYZE, "Full", True),
        (TableEventKind.ANALYZE, "PredicateColumn", True),
        (TableEventKind.ANALYZE, "Skipped", False),
        (TableEventKind.ANALYZE, "Failed", False),
        (TableEventKind.VACUUM, "Complete", True),
        (TableEventKind.VACUUM, "Skipped(sorted>=95%)", False),
        (TableEventKind.AUTO_OPTIMIZATION, "Complete: 100%", True),
        (TableEventKind.AUTO_OPTIMIZATION, "Start", False),
        (TableEventKind.AUTO_OPTIMIZATION, "Abort: cluster is busy", False),
        (TableEventKind.STATEMENT, "", True),
        (TableEventKind.CREATED, "", True),
    ],
)
def test_what_was_skipped_failed_or_only_begun_has_no_effect(
    kind: TableEventKind, status: str, has_effect: bool
) -> None:
    event = TableEvent(
        kind=kind,
        database_name="shop",
        schema_name="sales",
        table_name="orders",
        at=A_MOMENT,
        status=status,
    )

    assert event.has_effect == has_effect
