"""Whatever step of scrubbing fails, no text gets past it into the store, a record or an export."""

import inspect
import json
import logging
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import RecommendationFilter
from backend.panel.rules import rules_panel
from backend.services.export_recommendations import recommendations_csv
from backend.services.import_view_export import import_view_export
from backend.services.records import pattern_record
from backend.services.review_pattern import review_pattern
from backend.sql import like_shape, personal_data, scrub, wrapped
from tests.builders import A_MOMENT
from tests.unit.importing.exports import a_history_row, write_rows

CANARY = "quillfeather"
STATEMENTS = (
    f"select a from t where b like '%{CANARY}' and c in ('{CANARY}', 'b', 'c', 'd')",  # noqa: S608
    f"unload ('select a from t where b = ''{CANARY}''') to 's3://{CANARY}'",  # noqa: S608
    f"insert into t values (1, '{CANARY}'), (2, '{CANARY}')",  # noqa: S608
    f"alter user u password {CANARY}",
    f"select a as \"{CANARY}@mail.example\" from t /* {CANARY} */ where d = E'\\'{CANARY}'",  # noqa: S608
)
ENTRY_POINTS = {"scrub", "mask_text"}


def steps() -> Iterator[tuple[ModuleType, str]]:
    """Every function that scrubbing calls, in the module that calls it."""
    for name, value in vars(scrub).items():
        is_own = inspect.isfunction(value) and value.__module__.startswith("backend.sql.")
        if is_own and name not in ENTRY_POINTS:
            yield scrub, name
    for module in (like_shape, personal_data, wrapped):
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                yield module, name


def failing(error: type[BaseException]) -> Callable[..., object]:
    def fail(*_: object, **__: object) -> object:
        raise error(CANARY)

    return fail


Step = tuple[ModuleType, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        a_history_row(number, query_text=text, query_label=f"for {CANARY}@mail.example")
        | {"error_message": f'invalid input syntax for integer: "{CANARY}"'}
        for number, text in enumerate(STATEMENTS, start=1)
    ]
    plan = [
        {"user_id": "1", "query_id": "1", "plan_node_id": "1", "plan_parent_id": "0"}
        | {
            "plan_node": "XN Seq Scan on t  (cost=0.00..1.00 rows=100 width=4)",
            "plan_info": f"Filter: ((b)::text = '{CANARY}'::text)",
        }
    ]
    path = tmp_path / "export"
    path.mkdir()
    write_rows(path / "sys_query_history.csv", rows)
    write_rows(path / "sys_query_explain.csv", plan)
    return path


@pytest.mark.parametrize("error", [RecursionError])
@pytest.mark.parametrize("step", [pytest.param(step, id=step[1]) for step in steps()])
def test_a_failing_step_lets_nothing_through(
    step: Step,
    error: type[BaseException],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(*step, failing(error))
    caplog.set_level(logging.DEBUG)
    file = folder.parent / "history.sqlite3"
    store = open_sqlite_history(file)

    import_view_export(open_export_folder(folder), store=store, now=A_MOMENT, marks_key=b"k" * 32)
    sinks = list(records_of(store))
    store.close()

    assert len(sinks) > len(STATEMENTS)
    assert [sink for sink in (*sinks, caplog.text, *stored(file)) if CANARY in sink.lower()] == []


def test_without_a_failure_all_is_scrubbed_and_kept(folder: Path) -> None:
    store = open_sqlite_history(folder.parent / "history.sqlite3")

    import_view_export(open_export_folder(folder), store=store, now=A_MOMENT, marks_key=b"k" * 32)

    patterns = [row.pattern for row in store.rank_patterns(PatternFilter(), limit=9).rows]
    assert [pattern.withheld_reason for pattern in patterns] == [None] * len(STATEMENTS)
    assert all(pattern.model_form for pattern in patterns)


def records_of(store: SqliteHistory) -> Iterator[str]:
    """What pages, the API and exports read."""
    for row in store.rank_patterns(PatternFilter(), limit=9).rows:
        review = review_pattern(
            row.pattern.query_hash,
            store=store,
            panel=rules_panel(),
            analysis_timestamp=A_MOMENT,
        )
        yield repr(review)
        yield json.dumps(pattern_record(row), default=str)
    yield "".join(recommendations_csv(store, RecommendationFilter()))


def stored(file: Path) -> Iterator[str]:
    yield file.read_bytes().decode("latin-1")
    connection = sqlite3.connect(file)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - our own tables
            for value in row:
                yield unpacked(value) if isinstance(value, bytes) else str(value)
    connection.close()


def unpacked(value: bytes) -> str:
    try:
        return zlib.decompress(value).decode("latin-1")
    except zlib.error:
        return value.decode("latin-1")
