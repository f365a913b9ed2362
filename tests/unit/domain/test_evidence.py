"""What follows from the rows of the system views alone."""

import pytest

from tests.builders import a_table


@pytest.mark.parametrize(
    ("row_count", "visible_rows", "deleted"),
    [
        (100, 75, 0.25),
        (100, 100, 0.0),
        (100, 120, 0.0),
        (100, 0, 1.0),
        (0, 0, None),
        (None, 5, None),
        (5, None, None),
    ],
)
def test_what_is_not_visible_is_deleted(row_count, visible_rows, deleted):
    table = a_table(row_count=row_count, visible_rows=visible_rows)

    assert table.deleted_share == deleted
