"""The automatic check of a finished text: no literal, no personal data, no secret."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from backend.domain.errors import WorkbenchError
from backend.domain.model_form import LiteralMark
from backend.domain.receipt import OutboundText
from backend.panel.outbound.document import Line, with_leaves
from backend.panel.outbound.literals import FoundLiteral, find_literals
from backend.panel.outbound.public_words import public_words
from backend.panel.outbound.secrets import has_secret
from backend.panel.outbound.write_lines import json_line, texts_in
from backend.sql.personal_data import has_personal_data, mask_personal_data


class CheckFailedError(WorkbenchError):
    """The finished text holds something that must not leave."""


@dataclass(frozen=True, kw_only=True)
class Common:
    """Words that stand in the text whatever the statement is: our own, and those of SQL."""

    own_text: str

    @classmethod
    def of(cls, system: str, instructions: str, schema: str, lines: Iterable[Line]) -> "Common":
        frames = (json_line(with_leaves(line.tree, lambda _: "")) for line in lines)
        return cls(own_text="\n".join((system, instructions, schema, *frames)).lower())

    def has(self, text: str, found: FoundLiteral) -> bool:
        words = text[found.start : found.end].lower()
        return words in public_words() or _stands_in(words, self.own_text)


def check_text(
    text: OutboundText, marks: Collection[LiteralMark], key: bytes, common: Common
) -> int:
    """How many of the literals are common words that stand in it. Raises CheckFailedError.

    Figures are no strings, so that a literal of digits is not found in a measured row count; in
    every string of the text it is.
    """
    strings = list(_strings(text))
    said: set[str] = set()
    for found in find_literals(strings, marks, key):
        if not common.has(strings[found.place], found):
            raise CheckFailedError("a literal of the statement was still in the text.")
        said.add(strings[found.place][found.start : found.end].lower())
    for part in (text.system, text.prefix, text.instructions, text.schema, *strings):
        if has_personal_data(part) or mask_personal_data(part) != part:
            raise CheckFailedError("something that looks like personal data was in the text.")
        if has_secret(part):
            raise CheckFailedError("something that looks like a secret was in the text.")
    return len(said)


def _strings(text: OutboundText) -> Iterator[str]:
    """Lines of data as their reader gets them; all other lines as they are."""
    for part in (text.system, text.prefix, text.instructions):
        for line in part.split("\n"):
            if line.startswith("{"):
                yield from texts_in(line)
            else:
                yield line
    yield text.schema


def _stands_in(words: str, text: str) -> bool:
    """As whole words."""
    position = text.find(words)
    while position >= 0:
        end = position + len(words)
        before, after = text[position - 1 : position], text[end : end + 1]
        if not (_joins(before, words[0]) or _joins(after, words[-1])):
            return True
        position = text.find(words, position + 1)
    return False


def _joins(neighbour: str, edge: str) -> bool:
    return bool(neighbour) and _is_word(neighbour) and _is_word(edge)


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()
