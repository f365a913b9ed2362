"""What a table's row and columns say of themselves."""

import pytest

from backend.domain.evidence import Column
from tests.builders import a_table


@pytest.mark.parametrize(
    ("first_sort_key", "positions", "is_interleaved"),
    [
        ("INTERLEAVED", (), True),
        ("INTERLEAVED(shop_id)", (), True),
        (None, (1, -2, 3), True),
        ("shop_id", (1, 2), False),
        (None, (), False),
    ],
)
def test_a_sort_key_is_interleaved_by_name_or_by_alternating_signs(
    first_sort_key: str | None, positions: tuple[int, ...], is_interleaved: bool
) -> None:
    columns = tuple(
        Column(name=f"c{place}", data_type="int4", sort_key_position=place) for place in positions
    )

    table = a_table("sales.orders", first_sort_key=first_sort_key, columns=columns)

    assert table.has_interleaved_sort_key is is_interleaved


@pytest.mark.parametrize(
    ("column", "is_needless"),
    [
        (Column(name="a", data_type="int4", encoding="none"), True),
        (Column(name="a", data_type="varchar(20)", encoding="RAW"), True),
        (Column(name="a", data_type="int4", encoding="az64"), False),
        (Column(name="a", data_type="int4"), False),
        (Column(name="a", data_type="boolean", encoding="none"), False),
        (Column(name="a", data_type="double precision", encoding="raw"), False),
        (Column(name="a", data_type="date", encoding="none", sort_key_position=-1), False),
        (Column(name="a", data_type="date", encoding="none", sort_key_position=2), True),
    ],
)
def test_raw_is_right_for_the_first_sort_column_and_some_types(
    column: Column, is_needless: bool
) -> None:
    assert column.is_needlessly_raw is is_needless


@pytest.mark.parametrize(
    ("data_type", "width"),
    [
        ("varchar(200)", 200),
        ("character varying(4000)", 4000),
        ("VARCHAR(MAX)", 65535),
        ("char(20)", 0),
        ("numeric(12,2)", 0),
        ("varchar", 0),
    ],
)
def test_a_varchar_says_how_wide_it_is_declared(data_type: str, width: int) -> None:
    assert Column(name="a", data_type=data_type).varchar_bytes == width
