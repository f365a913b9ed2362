"""What may be told of an error that nobody foresaw: its class and where, never its own text.

A message may hold a statement of a customer, a path, an ARN or a token, and so may the lines of a
traceback. Both servers log through here.
"""

import logging
import secrets
import sys
import threading
from collections.abc import Iterator
from traceback import walk_tb
from types import TracebackType
from typing import Any

from backend.masked_logs import extras_of, mask_extras, mask_record

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
    """For a whole server process, whoever logs: errors are told by class and place only, and what
    looks personal or secret, or is SQL, is masked in everything else."""
    mask_every_record()
    sys.excepthook = _tell_uncaught
    threading.excepthook = _tell_uncaught_in_thread


def mask_every_record() -> bool:
    """The same without the hooks for errors that nobody caught. False where it is done already."""
    make_record, make_with_extras = logging.getLogRecordFactory(), logging.Logger.makeRecord
    if getattr(make_record, "keeps_values_out", False):
        return False

    def record_without_values(*args: Any, **named: Any) -> logging.LogRecord:
        return _without_values(make_record(*args, **named))

    def with_masked_extras(self: logging.Logger, *args: Any, **named: Any) -> logging.LogRecord:
        record = make_with_extras(self, *args, **named)
        vars(record).update(mask_extras(extras_of(record)))
        return record

    record_without_values.keeps_values_out = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record_without_values)
    # A factory makes the record before its extras come in.
    logging.Logger.makeRecord = with_masked_extras  # type: ignore[method-assign]
    return True


def stack_of(error: BaseException) -> Iterator[str]:
    """The places that it came through and those of its causes, outermost first: no message, no
    line of code."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield f"{type(cause).__module__}.{type(cause).__qualname__}"
        for frame, line in walk_tb(cause.__traceback__):
            module = frame.f_globals.get("__name__", "?")
            yield f"  {module}:{line} in {frame.f_code.co_name}"
        cause = cause.__cause__ or cause.__context__


def _without_values(record: logging.LogRecord) -> logging.LogRecord:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(record.args, tuple):
        record.args = tuple(_told(each) for each in record.args)
    if isinstance(record.msg, BaseException):
        record.msg = class_and_place(record.msg)
    mask_record(record)
    if error is not None:
        record.msg, record.args = f"{record.getMessage()}: {class_and_place(error)}", ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def _told(value: object) -> object:
    return class_and_place(value) if isinstance(value, BaseException) else value


def _tell_uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    _tell_uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def _tell_uncaught(
    kind: type[BaseException], error: BaseException | None, _: TracebackType | None
) -> None:
    if not issubclass(kind, (KeyboardInterrupt, SystemExit)):
        logger.error("uncaught %s", kind.__name__ if error is None else class_and_place(error))
