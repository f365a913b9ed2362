"""The last line of defence of a log: personal data, secrets and SQL are taken out of every record.

Nothing of ours writes such a thing, but a library may: it quotes what it could not read.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any

from backend.sql.personal_data import mask_sure
from backend.sql.scrub import mask_text

LONGEST_LINE = 4_000
"""Characters; what is behind them is cut off, so that no line costs much to look through."""

MASKED = "?"
# Where our servers listen: what their first lines are for.
_OWN_ADDRESS = re.compile(
    r"((?:https?://)?(?:127\.0\.0\.1|0\.0\.0\.0|localhost|\[::1?\])(?::\d{1,5})?(?![\w.]))"
)
_ADDRESS = re.compile(
    r"\b[a-z][a-z\d+.-]{1,19}://[^\s'\"]++|(?<![\w:])(?:[0-9a-f]{0,4}:){4,7}[0-9a-f]{1,4}\b",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"(?i)(?<![a-z])(pass(?:word|wd|phrase)?|pwd|secret(?:[_ -]?access)?(?:[_ -]?key)?|token|api[_ -]?key"
    r"|credentials?|authorization|bearer)(['\"]?\s*(?:[=:]|\bis\b)?\s*+(?:bearer\s+)?)"
    r"(?:'[^']*+'?|\"[^\"]*+\"?|(?=\S*[\d=+/!@#$%^&*])\S++)"
)
_PASSWORD_AFTER_SIGN = re.compile(
    r"(?i)(?<![a-z])(pass(?:word|wd|phrase)?|pwd|secret[\w-]*+|token|api[_ -]?key)(['\"]?\s*[=:]\s*+)[^\s'\",;]++"
)
_SQL = re.compile(
    r"\bselect\b.*\bfrom\b|\binsert\s+into\b|\bdelete\s+from\b|\bupdate\b.*\bset\b|\bmerge\s+into\b"
    r"|\bcopy\b.*\bfrom\b|\bunload\s*\(|\b(?:where|having|values)\b.*['(]|\bselect\s+['\d(*]"
    r"|\b(?:create|alter|drop)\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?"
    r"(?:table|view|user|role|schema|external|materialized|procedure|function|database|group)\b"
    r"|\bset\s+\w+\s+(?:=|to)\s",
    re.IGNORECASE | re.DOTALL,
)
_TRACEBACK = "Traceback (most recent call last)"
_ERROR_LINE = re.compile(
    r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning))\b", re.MULTILINE
)
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({})))


def masked_line(text: str) -> str:
    """The text without what is surely personal or secret; of SQL no value at all. Never raises."""
    try:
        return _masked(text)
    except Exception:  # noqa: BLE001 - whatever went wrong, the text must not get out
        return MASKED


def _masked(text: str) -> str:
    text = _without_traceback(text)
    if len(text) > LONGEST_LINE:
        text = f"{text[:LONGEST_LINE]} …"
    text = _PASSWORD_AFTER_SIGN.sub(rf"\1\2{MASKED}", _PASSWORD.sub(rf"\1\2{MASKED}", text))
    if _SQL.search(text):
        return mask_text(text)
    parts = _OWN_ADDRESS.split(text)
    return "".join(
        part if number % 2 else mask_sure(_ADDRESS.sub(MASKED, part), MASKED)
        for number, part in enumerate(parts)
    )


def _without_traceback(text: str) -> str:
    """Some write a whole traceback as their message: of it the classes stay."""
    before, mark, traceback = text.partition(_TRACEBACK)
    if not mark:
        return text
    kinds = ", ".join(dict.fromkeys(_ERROR_LINE.findall(traceback)))
    return f"{before.rstrip()} {kinds or 'error'}".lstrip()


def mask_record(record: logging.LogRecord) -> None:
    """Message and arguments. One with nothing to mask stays as it is, for those who count by it."""
    try:
        message = record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit would be printed one by one
        record.msg, record.args = MASKED, ()
        return
    masked = masked_line(message)
    if masked != message:
        record.msg, record.args = masked, ()


def mask_extras(extra: Mapping[str, object]) -> dict[str, object]:
    """What stands beside the message: texts are masked, figures stay, of the rest only the class."""
    return {name: _masked_extra(value) for name, value in extra.items()}


def _masked_extra(value: Any) -> object:
    if isinstance(value, str):
        return masked_line(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return type(value).__name__


def extras_of(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
