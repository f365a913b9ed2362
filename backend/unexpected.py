"""What may be told of an error that nobody foresaw: its class and where, never its own text.

A message may hold a statement of a customer, a path, an ARN or a token, and so may the lines of a
traceback. Both servers log through here.
"""

import logging
import secrets
import sys
import threading
from traceback import walk_tb
from types import TracebackType
from typing import Any

OWN_MODULES = ("backend.", "workbench.", "lambdas.")
logger = logging.getLogger(__name__)


def class_and_place(error: BaseException) -> str:
    """`ValueError in workbench.views.query:12`: the innermost line of our own code."""
    return f"{type(error).__name__} in {place_of(error)}"


def place_of(error: BaseException) -> str:
    """The innermost line of our own code, as `module:line`; without any, the innermost of all."""
    place = last = "?"
    for frame, line in walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", "?"))
        last = f"{module}:{line}"
        if module.startswith(OWN_MODULES):
            place = last
    return last if place == "?" else place


def log_unexpected(error: BaseException) -> str:
    """Writes one line and gives the reference by which a reader of the screen finds it."""
    reference = secrets.token_hex(4)
    logger.error("unexpected %s, reference %s", class_and_place(error), reference)
    return reference


def keep_values_out_of_logs() -> None:
    """For a whole server process, whoever logs: errors are told by class and place only."""
    make_record = logging.getLogRecordFactory()
    if getattr(make_record, "keeps_values_out", False):
        return

    def record_without_values(*args: Any, **named: Any) -> logging.LogRecord:
        return _without_values(make_record(*args, **named))

    record_without_values.keeps_values_out = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record_without_values)
    sys.excepthook = _tell_uncaught
    threading.excepthook = lambda told: _tell_uncaught(
        told.exc_type, told.exc_value, told.exc_traceback
    )


def _without_values(record: logging.LogRecord) -> logging.LogRecord:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(record.args, tuple):
        record.args = tuple(_told(each) for each in record.args)
    if isinstance(record.msg, BaseException):
        record.msg = class_and_place(record.msg)
    if error is not None:
        record.msg, record.args = f"{record.getMessage()}: {class_and_place(error)}", ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def _told(value: object) -> object:
    return class_and_place(value) if isinstance(value, BaseException) else value


def _tell_uncaught(
    kind: type[BaseException], error: BaseException | None, _: TracebackType | None
) -> None:
    if not issubclass(kind, (KeyboardInterrupt, SystemExit)):
        logger.error("uncaught %s", kind.__name__ if error is None else class_and_place(error))
