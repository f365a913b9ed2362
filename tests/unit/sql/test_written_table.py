"""The table that a statement writes is read from its first words, whatever stands behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sql.written_table import WriteAction, written_tables


@pytest.mark.parametrize(
    ("sql", "name", "action"),
    [
        ("CREATE TABLE crm.segments AS SELECT ?", "crm.segments", WriteAction.CREATE),
        ("create table if not exists a.b (id int)", "a.b", WriteAction.CREATE),
        ('CREATE TEMP TABLE "Stage" AS (SELECT ?)', "stage", WriteAction.CREATE),
        ("CREATE OR REPLACE VIEW mart.v AS SELECT ?", "mart.v", WriteAction.CREATE_VIEW),
        ("CREATE MATERIALIZED VIEW mart.v AS SELECT ?", "mart.v", WriteAction.CREATE_VIEW),
        ("ALTER TABLE a.b ALTER DISTSTYLE EVEN", "a.b", WriteAction.ALTER),
        ("ALTER TABLE a.b APPEND FROM a.c", "a.b", WriteAction.APPEND),
        ("DROP TABLE IF EXISTS a.b CASCADE", "a.b", WriteAction.DROP),
        ("TRUNCATE a.b", "a.b", WriteAction.TRUNCATE),
        ("TRUNCATE TABLE a.b", "a.b", WriteAction.TRUNCATE),
        ("INSERT INTO a.b (x, y) SELECT ?, ?", "a.b", WriteAction.INSERT),
        ("INSERT INTO a.b(x) VALUES (?)", "a.b", WriteAction.INSERT),
        ("COPY a.b FROM ? IAM_ROLE ?", "a.b", WriteAction.COPY),
        ("UPDATE a.b SET x = ?", "a.b", WriteAction.UPDATE),
        ("DELETE FROM a.b WHERE x = ?", "a.b", WriteAction.DELETE),
        ("DELETE a.b", "a.b", WriteAction.DELETE),
        ("MERGE INTO a.b USING a.c ON ?", "a.b", WriteAction.MERGE),
        ('INSERT INTO "Db"."a" . "b" SELECT ?', "db.a.b", WriteAction.INSERT),
    ],
)
def test_a_writing_statement_names_its_table(sql: str, name: str, action: WriteAction) -> None:
    [written] = written_tables(sql)

    assert (written.name, written.action) == (name, action)


def test_a_renamed_table_counts_under_both_names() -> None:
    written = written_tables("ALTER TABLE mart.daily__tmp RENAME TO daily")

    assert [table.name for table in written] == ["mart.daily__tmp", "mart.daily"]
    assert {table.action for table in written} == {WriteAction.RENAME}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ? FROM a.b",
        "UNLOAD (?) TO ?",
        "VACUUM a.b",
        "CREATE SCHEMA a",
        "COPY",
        "INSERT INTO (SELECT ?)",
        "",
    ],
)
def test_a_statement_that_writes_no_table_names_none(sql: str) -> None:
    assert written_tables(sql) == ()


@given(st.text())
def test_any_text_is_read_without_an_error(sql: str) -> None:
    assert all(table.name for table in written_tables(sql))
