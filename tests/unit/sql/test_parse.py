"""The parser is kept from texts over which it would take for ever."""

import pytest

from backend.sql.fingerprint import fingerprint_of
from backend.sql.parse import MOST_OPEN_JOINS, NotParsedError, parse


@pytest.mark.parametrize("join", ["join b ", "left join b ", "inner\n join (select 1) b "])
def test_joins_that_wait_for_their_condition_are_not_parsed(join: str) -> None:
    # Two readings each: forty of them would take longer than anyone lives.
    with pytest.raises(NotParsedError):
        parse("select 1 from a " + join * 40)


@pytest.mark.parametrize(
    "join",
    ["join b on b.x = a.x ", "join b using (x) ", "cross join b ", "natural left join b ", ", b "],
)
def test_however_many_joins_with_their_condition_are_parsed(join: str) -> None:
    assert len(parse("select 1 from a " + join * 300)) == 1


def test_joins_within_joins_are_parsed() -> None:
    depth = MOST_OPEN_JOINS - 1

    assert parse("select 1 from a " + "join b " * depth + "on 1 = 1 " * depth)  # noqa: S608


def test_a_text_that_is_not_parsed_is_a_pattern_by_its_tokens() -> None:
    found = fingerprint_of("select 1 from a " + "join b " * 40)

    assert found.method == "tokens"
