"""What the logs of both servers say of an error: its class and place."""

import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from backend.unexpected import class_and_place, keep_values_out_of_logs, log_unexpected
from tests.secrets_in_errors import MESSAGE, SECRETS, secrets_in


@pytest.fixture(autouse=True)
def _as_in_a_server() -> Iterator[None]:
    kept = logging.getLogRecordFactory(), sys.excepthook, threading.excepthook
    keep_values_out_of_logs()
    yield
    logging.setLogRecordFactory(kept[0])
    sys.excepthook, threading.excepthook = kept[1:]


def an_error() -> Exception:
    try:
        try:
            {}[SECRETS[0]]
        except KeyError as first:
            raise RuntimeError(MESSAGE) from first
    except RuntimeError as error:
        return error


def test_a_line_with_an_error_tells_its_class_and_place(caplog: pytest.LogCaptureFixture):
    logging.getLogger("of.a.library").error("Uncaught app execution", exc_info=an_error())

    assert "Uncaught app execution: RuntimeError in tests.unit.test_unexpected:" in caplog.text
    assert secrets_in(caplog.text) == []
    assert "Traceback" not in caplog.text


def test_an_error_among_the_values_of_a_line_is_told_so_too(caplog: pytest.LogCaptureFixture):
    logging.getLogger("of.a.library").warning("%s failed: %s", "It", an_error())
    logging.getLogger("of.a.library").warning(an_error())

    assert "It failed: RuntimeError in" in caplog.text
    assert secrets_in(caplog.text) == []


def test_the_exception_being_handled_is_told_so_too(caplog: pytest.LogCaptureFixture):
    try:
        raise an_error()
    except RuntimeError:
        logging.getLogger("of.a.library").exception("broke %s", "off", stack_info=True)

    assert "broke off: RuntimeError in" in caplog.text
    assert secrets_in(caplog.text) == []
    assert "Stack" not in caplog.text


def test_a_line_without_an_error_stays_as_it_is(caplog: pytest.LogCaptureFixture):
    logging.getLogger("of.a.library").warning("%(what)s took %(ms)d ms", {"what": "It", "ms": 3})
    logging.getLogger("of.a.library").warning("100 %")

    assert "It took 3 ms" in caplog.text
    assert "100 %" in caplog.text


def test_what_ends_a_thread_is_told_by_class_and_place(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    def fail() -> None:
        raise an_error()

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert "uncaught RuntimeError in" in caplog.text
    assert secrets_in(caplog.text + capfd.readouterr().err) == []


def test_asking_twice_changes_nothing():
    first = logging.getLogRecordFactory()

    keep_values_out_of_logs()

    assert logging.getLogRecordFactory() is first


def test_the_reference_stands_in_the_log(caplog: pytest.LogCaptureFixture):
    error = an_error()

    reference = log_unexpected(error)

    assert f"unexpected {class_and_place(error)}, reference {reference}" in caplog.text
