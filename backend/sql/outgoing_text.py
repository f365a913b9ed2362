"""The last look at a text before it leaves the machine: an alert, an export, a request.

It is prose with figures and dates, which must stay; so only what is surely a person's or a secret
is taken out: addresses, keys, tokens, account and card numbers. Everything in it was scrubbed
before; this holds where a source was forgotten.
"""

from backend.domain.visible_text import visible
from backend.sql.personal_data import mask_sure

TAKEN_OUT = "[removed]"
FAILED = "[withheld]"


def outgoing_text(text: str, *, longest: int | None = None) -> str:
    """On one line, without anything hidden, cut to `longest` characters. Never raises."""
    try:
        line = mask_sure(" ".join(visible(text).split()), TAKEN_OUT)
    except Exception:  # noqa: BLE001 - whatever went wrong, the text must not get out
        return FAILED
    if longest is not None and len(line) > longest:
        return line[: longest - 1].rstrip() + "…"
    return line


def outgoing_value(text: str) -> str:
    """For a file that others read: all other characters stay. Never raises."""
    try:
        return mask_sure(text, TAKEN_OUT)
    except Exception:  # noqa: BLE001 - as above
        return FAILED
