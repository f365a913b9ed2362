"""The sample's statements are statements of Redshift."""

import logging

import pytest
import sqlglot
from sqlglot import exp

from backend.sample.catalogue import SAMPLE_PATTERNS, statement_texts
from backend.sample.sample_pattern import SamplePattern
from tests.unit.sample.conftest import LAST_DAY

# sqlglot keeps these as plain commands.
UNPARSED = {"unload_finance", "unload_audience", "alter_returns_append", "refresh_category_sales"}


@pytest.mark.parametrize("pattern", SAMPLE_PATTERNS, ids=lambda pattern: pattern.name)
def test_every_statement_parses(pattern: SamplePattern, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="sqlglot")
    for text in set(statement_texts(pattern, LAST_DAY)):
        (statement,) = sqlglot.parse(text, read="redshift")

        assert isinstance(statement, exp.Command) == (pattern.name in UNPARSED)


def test_there_are_some_forty_patterns_of_every_kind() -> None:
    kinds = {pattern.query_type for pattern in SAMPLE_PATTERNS}

    assert len(SAMPLE_PATTERNS) >= 40
    assert kinds == {
        "SELECT", "CTAS", "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "UNLOAD", "DDL", "OTHER",
    }  # fmt: skip


def test_one_statement_is_longer_than_the_history_column() -> None:
    longest = max(len(statement_texts(pattern, LAST_DAY)[0]) for pattern in SAMPLE_PATTERNS)

    assert longest > 4_000


def test_statements_with_literals_come_in_variants() -> None:
    single = {
        pattern.name
        for pattern in SAMPLE_PATTERNS
        if len(set(statement_texts(pattern, LAST_DAY))) == 1
    }

    assert single == {"alter_returns_append", "merge_orders", "refresh_category_sales"}
