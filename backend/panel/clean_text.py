"""Text from outside as one line of letters that can be seen."""

import unicodedata

from backend.domain.visible_text import visible

_OF_NO_SCRIPT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LINE_ENDS = str.maketrans(dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n"))
_MOST_MARKS = 4
"""Combining marks on one letter; more are piled up to hide what stands around."""


def plain_line(text: str, *, keeps_lines: bool = False) -> str:
    """In composed form, with single blanks; line ends are kept where that is said."""
    text = visible(unicodedata.normalize("NFC", text).translate(_LINE_ENDS)).replace("\t", " ")
    seen: list[str] = []
    marks = 0
    for character in text:
        kind = unicodedata.category(character)
        if kind in _OF_NO_SCRIPT and character != "\n":
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
