"""Text from a database or a model without what cannot be seen but does something.

Removed are ANSI sequences, control characters, direction overrides, zero-width and tag characters,
half surrogates and characters for private use. Line breaks and tabs stay.
"""

import re
import unicodedata

# ECMA-48: CSI … final byte, OSC … BEL or ST, and the two-character escapes; the 8-bit forms too.
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*+(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*+[0-~]?"
)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co"})
_LINE_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_BLANKS = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """As it can be seen, over as many lines."""
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_BREAKS.sub("\n", _ANSI.sub("", text))
    return "".join(
        letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in _HIDDEN
    )


def clean_line(text: str) -> str:
    """As `clean_text`, on one line."""
    return _BLANKS.sub(" ", clean_text(text)).strip()
