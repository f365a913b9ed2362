"""Text from outside without what nobody can see: controls, invisible marks, terminal codes."""

import re
import unicodedata

# CSI and OSC sequences of terminals, also those of the 8-bit set, whole or cut off.
_TERMINAL_CODES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Cc controls; Cf bidi, zero width, tags; Cs, Co, Cn belong to no script.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_FILLERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800\u034f")
"""Letters and marks by their class, but drawn as nothing."""
_MOST_MARKS = 4
"""Combining marks on one letter; more are piled up to hide what stands around."""


def visible(text: str, *, keeps_lines: bool = False) -> str:
    """The text as it is read, in composed form; blanks folded, and line ends too unless kept."""
    text = _TERMINAL_CODES.sub("", unicodedata.normalize("NFC", text))
    seen: list[str] = []
    marks = 0
    for character in text:
        if character in "\n\t\r\v\f\u2028\u2029\x85":
            seen.append("\n" if character != "\t" else " ")
            continue
        kind = unicodedata.category(character)
        if kind in _UNSEEN or character in _FILLERS or _is_variation(character):
            continue
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            seen.append(" " if kind == "Zs" else character)
    lines = "".join(seen).split("\n")
    if keeps_lines:
        return "\n".join(line.rstrip() for line in lines).strip("\n")
    return " ".join(" ".join(lines).split())


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _is_variation(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
