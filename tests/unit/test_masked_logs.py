"""Real loggers, whose lines hold no value whoever writes them."""

import io
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from backend.masked_logs import LONGEST_LINE, masked_line
from backend.unexpected import keep_values_out_of_logs, stack_of
from tests.e2e.canaries import CANARIES, UNLIKE_A_WORD, sightings

SQL = "select a from t where b = 'Quillonius' and c = 4711"


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a logger of a library writes, extras too, once values are kept out."""
    factory, make_record = logging.getLogRecordFactory(), logging.Logger.makeRecord
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logging.setLogRecordFactory(logging.LogRecord)
    keep_values_out_of_logs()
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(
        logging.Formatter("%(levelname)s %(message)s %(extra)s", defaults={"extra": ""})
    )
    logger = logging.getLogger("a.library")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield written
    logger.removeHandler(handler)
    logger.propagate = True
    logging.setLogRecordFactory(factory)
    logging.Logger.makeRecord = make_record  # type: ignore[method-assign]


LIBRARY = logging.getLogger("a.library")


# Jobs go by a UUID: it is what a log is searched for.
@pytest.mark.parametrize("kind", [kind for kind in UNLIKE_A_WORD if kind != "uuid"])
def test_a_secret_is_masked_in_message_argument_and_extra(stream: io.StringIO, kind: str):
    secret = CANARIES[kind]

    LIBRARY.info("could not read " + secret + " of 12 rows")
    LIBRARY.info("could not read %s of %d rows", secret, 12)
    LIBRARY.info("could not read", extra={"extra": secret})

    written = stream.getvalue()
    assert sightings("log", written.encode()) == []
    assert written.count("could not read") == 3
    assert written.count("of 12 rows") == 2


def raise_it() -> None:
    try:
        {}["Quillonius"]
    except KeyError as error:
        raise ValueError(SQL) from error


@pytest.mark.parametrize(
    "line",
    [
        "connecting with password=Vx7!grombulate#Qz now",
        "{'user': 'ana', 'password': 'Vx7!grombulate#Qz'}",
        "PASSWORD 'Vx7!grombulate#Qz'",
        "token: grombulate.abc",
        "Authorization: Bearer grombulate7",
        "password is grombulate1",
        "secret_access_key=grombulate/x",
    ],
)
def test_what_stands_behind_a_word_for_a_secret_is_masked(line: str):
    assert "grombulate" not in masked_line(line)


@pytest.mark.parametrize(
    "line",
    [
        f"Contains unsupported syntax: {SQL}",
        "near: INSERT INTO t VALUES (1, 'Quillonius')",
        "UPDATE t\nSET a = 'Quillonius'",
        "copy t from 's3://Quillonius/x'",
        "create user ana password 'Quillonius'",
        "set query_group to 'Quillonius'",
        "... WHERE name = 'Quillonius",
        "SELECT 'Quillonius'",
    ],
)
def test_of_sql_no_value_is_left(line: str):
    masked = masked_line(line)

    assert "Quillonius" not in masked
    assert "4711" not in masked


@pytest.mark.parametrize(
    "line",
    [
        "Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
        "Started server process [4711]",
        "  You can now view your Streamlit app in your browser.",
        "unexpected ValueError in workbench.views.query:12, reference 0a1b2c3d",
        "Reviewed 12 of 25: f1-0a1b2c3d4e5f60718293a4b5 in 12.5 s at 2026-11-22 10:00:00",
        "  Local URL: http://localhost:8501",
        "Waiting for application startup.",
        "token refresh failed",
    ],
)
def test_an_ordinary_line_stays_as_it_is(line: str):
    assert masked_line(line) == line


def test_an_error_is_told_by_class_and_place_and_its_stack_is_not(stream: io.StringIO):
    try:
        raise_it()
    except ValueError as error:
        LIBRARY.exception("failed")
        LIBRARY.error("failed with %s", error)
        LIBRARY.error(error)

    written = stream.getvalue()
    assert written.count(f"ValueError in {__name__}:") == 3
    assert "Quillonius" not in written
    assert "Traceback" not in written


def test_a_traceback_that_is_written_as_a_message_leaves_its_classes(stream: io.StringIO):
    LIBRARY.error(
        'startup failed\nTraceback (most recent call last):\n  File "x.py", line 3\n'
        '    run(sql)\nsqlite3.OperationalError: near "Quillonius": syntax error\n'
    )

    assert stream.getvalue() == "ERROR startup failed sqlite3.OperationalError \n"


def test_arguments_that_do_not_fit_their_message_give_nothing_away(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
):
    LIBRARY.error("two %s of them %s", "Quillonius")

    assert stream.getvalue() == "ERROR ? \n"
    assert "Quillonius" not in capsys.readouterr().err


def test_an_extra_of_another_kind_is_told_by_its_class(stream: io.StringIO):
    LIBRARY.info("a row", extra={"extra": {"mail": "Quillonius"}})
    LIBRARY.info("a count", extra={"extra": 3})

    assert stream.getvalue() == "INFO a row dict\nINFO a count 3\n"


def test_a_very_long_line_is_cut():
    assert len(masked_line("x " * LONGEST_LINE)) < LONGEST_LINE + 10


def test_the_stack_of_an_error_has_places_and_causes_but_no_text():
    with pytest.raises(ValueError, match="Quillonius") as raised:
        raise_it()

    told = "\n".join(stack_of(raised.value))
    assert "builtins.ValueError" in told
    assert "builtins.KeyError" in told
    assert " in raise_it" in told
    assert "Quillonius" not in told


@pytest.mark.parametrize("where", ["main", "thread"])
def test_a_server_process_that_nobody_caught_an_error_of_prints_no_value(where: str):
    code = {
        "main": "fail()",
        "thread": "import threading; t = threading.Thread(target=fail); t.start(); t.join()",
    }[where]
    script = (
        "from backend.unexpected import keep_values_out_of_logs\n"
        "def fail():\n    raise ValueError('Quillonius')\n"
        f"keep_values_out_of_logs()\n{code}\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )

    assert "uncaught ValueError in __main__:" in ended.stderr
    assert "Quillonius" not in ended.stderr + ended.stdout
