"""The schema comes step by step, and no statement reads a table from end to end."""

import importlib
import pkgutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import backend.adapters.sqlite as adapter
from backend.adapters.sqlite import migrate, open_sqlite_history
from backend.adapters.sqlite.history import FORGET_ALL
from backend.adapters.sqlite.patterns import (
    FORGET_MODEL_FORMS,
    SELECT_HAS_TEXT_INDEX,
    SELECT_NOS_OF_TEXT,
)
from backend.domain.errors import StoreTooNewError, StoreUnavailableError
from backend.domain.pattern import PatternFilter
from backend.services.ports import PatternRuns
from tests.builders import a_hash, a_pattern, some_runs

READS_ALL_ON_PURPOSE = {
    # A text of one or two letters has no index, and neither has an SQLite without FTS5.
    SELECT_NOS_OF_TEXT,
    # The schema's own table, of some dozen rows.
    SELECT_HAS_TEXT_INDEX,
    # Only where the key of the marks was lost.
    FORGET_MODEL_FORMS,
    *FORGET_ALL,
}


FILES_OF_THEIR_OWN = {"raw_text"}
"""One row a pattern and no longer than some days; its statements need the schema of its file."""


def every_statement() -> dict[str, str]:
    found = {}
    for module_info in pkgutil.iter_modules(adapter.__path__):
        if module_info.name in FILES_OF_THEIR_OWN:
            continue
        module = importlib.import_module(f"{adapter.__name__}.{module_info.name}")
        for name, value in vars(module).items():
            if name.isupper() and not name.startswith("_") and isinstance(value, str):
                verb = value.split(maxsplit=1)[0] if value.strip() else ""
                if verb in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
                    found[name] = value
    return found


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / "history.sqlite"
    open_sqlite_history(path).close()
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def plan_of(connection, statement: str) -> list[str]:
    class AnyValue(dict):
        def __missing__(self, key):
            return None

    rows = connection.execute(f"EXPLAIN QUERY PLAN {statement}", AnyValue())
    return [row[3] for row in rows]


def reads_a_whole_table(step: str) -> bool:
    is_index = " USING INDEX " in step or " USING COVERING INDEX " in step
    is_virtual = "VIRTUAL TABLE" in step and not step.endswith(" 0:")
    return step.startswith("SCAN") and not is_index and not is_virtual and "CONSTANT" not in step


def test_the_statements_are_found():
    names = every_statement()

    assert len(names) > 40
    assert {"SELECT_IN_ORDER", "SELECT_REVIEWS_BETWEEN", "UPSERT_BLOCK"} <= set(names)


@pytest.mark.parametrize("name", sorted(every_statement()))
def test_no_statement_reads_a_whole_table(empty_store, name):
    statement = every_statement()[name]
    if statement in READS_ALL_ON_PURPOSE:
        pytest.skip("reads all on purpose")

    steps = plan_of(empty_store, statement)

    assert [step for step in steps if reads_a_whole_table(step)] == []
    assert [step for step in steps if "AUTOMATIC" in step] == []


@pytest.mark.parametrize(
    "name",
    [
        "SELECT_IN_ORDER",
        "SELECT_OF_PATTERN_IN_ORDER",
        "SELECT_REVIEWS_BETWEEN",
        "SELECT_REVIEWS_OF",
        "SELECT_LATEST_REVIEW",
        "SELECT_CLAIMABLE_JOB",
        "SELECT_USED_TABLES",
        "SELECT_USES_OF_TABLE",
        "SELECT_USES_BEHIND",
        "SELECT_ADVISED_BEHIND",
    ],
)
def test_lists_come_from_their_index_in_order(empty_store, name):
    steps = plan_of(empty_store, every_statement()[name])

    assert [step for step in steps if "TEMP B-TREE" in step] == []


def test_a_new_store_has_the_newest_version(tmp_path):
    path = tmp_path / "deep" / "down" / "history.sqlite"

    open_sqlite_history(path).close()

    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (migrate.newest_version(),)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_new_folder_is_closed_to_other_users(tmp_path):
    open_sqlite_history(tmp_path / "data" / "history.sqlite").close()

    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_an_older_store_is_brought_up_to_date(tmp_path):
    path = tmp_path / "history.sqlite"
    first = migrate.migrations(has_full_text=True)[0]
    connection = sqlite3.connect(path)
    for statement in migrate.statements(first.script):
        connection.execute(statement)
    connection.execute("INSERT INTO note VALUES ('origin', 'import')")
    connection.execute(f"PRAGMA application_id = {migrate.APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()

    store = open_sqlite_history(path)

    assert store.note("origin") == "import"
    assert store.rank_patterns(PatternFilter(text="abc"), limit=1).pattern_count == 0
    store.close()


def test_a_slow_down_of_an_older_store_is_found_by_its_date(tmp_path):
    path = tmp_path / "history.sqlite"
    connection = sqlite3.connect(path)
    older = [step for step in migrate.migrations(has_full_text=True) if step.version < 5]
    for step in older:
        for statement in migrate.statements(step.script):
            connection.execute(statement)
    regression = (
        '[{"changed_at":"2026-11-18T10:06:59.467889Z","runs_before":9,"runs_after":9,'
        '"median_before_seconds":1.0,"median_after_seconds":3.0,"ratio":3.0,"chance":0.001,'
        '"extra_seconds":18.0}]'
    )
    connection.execute(
        "INSERT INTO pattern VALUES (1, 'f1-1', 'SELECT', 'parsed', '[]', 'SELECT 1', NULL, "
        "'[\"sales.orders\"]', '[]', 0, 0, ?)",
        (regression,),
    )
    connection.execute(f"PRAGMA application_id = {migrate.APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 4")
    connection.commit()
    connection.close()

    store = open_sqlite_history(path)
    day = datetime(2026, 11, 18, tzinfo=UTC)
    [slowed] = store.slowed_patterns(day, day + timedelta(days=1)).patterns
    store.close()

    assert slowed.query_hash == "f1-1"
    assert slowed.table_names == ("sales.orders",)


def test_versions_have_no_gaps():
    versions = [step.version for step in migrate.migrations(has_full_text=True)]

    assert versions == list(range(1, len(versions) + 1))
    assert versions == [step.version for step in migrate.migrations(has_full_text=False)]


def test_a_step_that_fails_leaves_the_store_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "history.sqlite"
    steps = migrate.migrations(has_full_text=True)
    broken = [*steps, migrate.Migration(version=len(steps) + 1, script="CREATE TABLE note (x);\n")]
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "migrations", lambda **_: broken)
        with pytest.raises(StoreUnavailableError):
            open_sqlite_history(path)

    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.close()
    open_sqlite_history(path).close()

    assert tables == (0,)


def test_finds_text_without_full_text_search(tmp_path, monkeypatch):
    monkeypatch.setattr(migrate, "has_full_text", lambda _: False)
    store = open_sqlite_history(tmp_path / "history.sqlite")
    store.add_runs([PatternRuns(pattern=a_pattern(), runs=some_runs(1))], source="export")

    found = store.rank_patterns(PatternFilter(text="AMOUNT"), limit=5)
    missed = store.rank_patterns(PatternFilter(text="a_ount"), limit=5)
    store.close()

    assert [row.pattern.query_hash for row in found.rows] == [a_hash()]
    assert missed.rows == ()


def test_a_store_of_a_newer_version_is_left_alone(tmp_path):
    path = tmp_path / "history.sqlite"
    open_sqlite_history(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()

    with pytest.raises(StoreTooNewError):
        open_sqlite_history(path)


def test_the_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
    connection.close()

    with pytest.raises(StoreUnavailableError, match="another program"):
        open_sqlite_history(path)


@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"SQLite format 3\x00" * 300])
def test_a_damaged_file_is_a_sentence(tmp_path, content):
    path = tmp_path / "history.sqlite"
    path.write_bytes(content)

    with pytest.raises(StoreUnavailableError, match=r"Move the file away .*\."):
        open_sqlite_history(path)


def test_damage_in_the_middle_is_a_sentence(tmp_path):
    path = tmp_path / "history.sqlite"
    store = open_sqlite_history(path)
    for number in range(50):
        store.add_runs(
            [PatternRuns(pattern=a_pattern(a_hash(number)), runs=some_runs(500))], source="export"
        )
    store.close()
    whole = bytearray(path.read_bytes())
    whole[4096:] = b"\xa5" * (len(whole) - 4096)
    path.write_bytes(whole)

    with pytest.raises(StoreUnavailableError, match="damaged"):
        read_everything(path)


def read_everything(path: Path) -> None:
    store = open_sqlite_history(path)
    try:
        store.rank_patterns(PatternFilter(), limit=100)
    finally:
        store.close()


def test_a_folder_in_the_way_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnavailableError, match="data directory"):
        open_sqlite_history(tmp_path)
    with pytest.raises(StoreUnavailableError, match="data directory"):
        open_sqlite_history(tmp_path / "file" / "history.sqlite")


def test_a_closed_store_says_so(tmp_path):
    store = open_sqlite_history(tmp_path / "history.sqlite")
    store.close()

    with pytest.raises(StoreUnavailableError, match="closed"):
        store.note("origin")
