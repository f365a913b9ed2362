"""Text from outside, made fit for a terminal."""

import re
import unicodedata

# Colours and cursor moves (CSI), titles and links (OSC, DCS …) up to their end, other escapes.
ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"
    r"|\x1b.?"
)
# Controls, and the marks that turn the direction of writing or cannot be seen.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain(text: str) -> str:
    """Without escape sequences, control and invisible characters; lines and tabs stay."""
    text = ESCAPE_SEQUENCE.sub("", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter
        for letter in text
        if letter in "\n\t" or unicodedata.category(letter) not in HIDDEN_CATEGORIES
    )


def one_line(text: str, *, width: int | None = None) -> str:
    """Plain, on one line, cut to `width` letters with an ellipsis."""
    flat = " ".join(plain(text).split())
    if width is None or len(flat) <= width:
        return flat
    return flat[: width - 1].rstrip() + "…"
