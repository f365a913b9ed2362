"""Which types Redshift compares without converting one of them."""

import pytest

from backend.checks.sql.function_on_join_key import type_family


@pytest.mark.parametrize(
    ("data_type", "family"),
    [
        ("int8", "integer"),
        ("BIGINT", "integer"),
        ("numeric(12,2)", "decimal"),
        ("double precision", "floating-point"),
        ("character varying(20)", "character"),
        ("varchar(10)", "character"),
        ("timestamp without time zone", "timestamp"),
        ("date", "date"),
        ("interval day to second", None),
        ("super", None),
        ("", None),
    ],
)
def test_a_type_belongs_to_a_family_or_is_not_known(data_type: str, family: str | None) -> None:
    assert type_family(data_type) == family
