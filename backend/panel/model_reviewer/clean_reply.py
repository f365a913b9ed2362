"""What a model wrote, as text that does nothing wherever it is drawn or sent."""

import re
import unicodedata

from backend.panel.clean_text import plain_line

_IMAGE = re.compile(r"!\[([^\]\n]{0,500})\](?:\([^)\n]{0,2000}\)?|\[[^\]\n]{0,500}\])")
_LINK = re.compile(r"\[([^\]\n]{0,500})\](?:\([^)\n]{0,2000}\)?|\[[^\]\n]{0,500}\]|:\s*\S+)")
_ADDRESS = re.compile(
    r"(?:[\w+.-]{1,64}:|(?<![\w:/]))//[^\s<>\"'`|\])]*"
    r"|\b(?:javascript|vbscript|data|mailto|file|blob)\s?:[^\s<>\"'`|\])]+"
    r"|www\.[^\s<>\"'`|\])]+",
    re.IGNORECASE,
)
# Tags, comments, and what Slack reads in angle brackets.
_TAG = re.compile(r"<[!/?@#A-Za-z][^<>\n]{0,2000}>")
_BEGINS_A_TAG = re.compile(r"<(?=[!/?@#A-Za-z])")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_DIRECTIVE = re.compile(r"(?<![\w:]):(?=[a-z_-]{2,40}(?:\[|:|/))")
_FENCE = re.compile(r"`{3,}|~{3,}|\${2,}")
REMOVED = "(removed)"
_PASSES = 5


def clean_reply(text: str) -> tuple[str, bool]:
    """The text without anything that a page, terminal, chat or sheet would act on, and whether
    there was such a thing."""
    plain = plain_line(text).removeprefix("- ")
    written = unicodedata.normalize("NFC", text).strip().removeprefix("- ")
    was_hidden = _without_blanks(plain) != _without_blanks(written)
    cleaned = plain
    for _ in range(_PASSES):
        before = cleaned
        cleaned = _once(cleaned)
        if cleaned == before:
            break
    else:
        cleaned = REMOVED  # Nested so deeply by intent only.
    return cleaned, was_hidden or cleaned != plain


def _once(text: str) -> str:
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text).replace("](", "] (")
    text = _BEGINS_A_TAG.sub("< ", _TAG.sub(REMOVED, text))
    text = _ADDRESS.sub(REMOVED, text)
    text = _ENTITY.sub("", text)
    text = _FENCE.sub("", text)
    return " ".join(_DIRECTIVE.sub("", text).split()).lstrip("=+-@| ")


def _without_blanks(text: str) -> str:
    return "".join(text.split())
