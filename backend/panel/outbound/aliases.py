"""Other names for a warehouse's own, the same throughout a document, and the way back."""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import count

from backend.domain.model_form import LiteralType
from backend.panel.outbound.document import Outside, OutsideKind
from backend.panel.outbound.public_words import public_words
from backend.sql.action_sql import quoted
from backend.sql.scanner import TokenKind, scan

_WORD = re.compile(r"[\w$]+")
_PLACEHOLDER = re.compile(rf"(?:{'|'.join(LiteralType)})_\d+")
_PARTS = re.compile(r'"(?:[^"]|"")*"|[^.]+')
_PLAIN = re.compile(r"[\w$]+")
_OF_STATEMENTS = frozenset({OutsideKind.STATEMENT, OutsideKind.SQL, OutsideKind.PLAN})
_WHOLE = frozenset({OutsideKind.USER, OutsideKind.LABEL})


class Aliases:
    """Works on names whatever their case; gives back the spelling that came first."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` are original names, each with its alias."""
        self._alias_of = {name.lower(): alias for name, alias in names.items()}
        self._name_of = {alias: name for name, alias in names.items()}
        odd = sorted(
            (name for name in self._alias_of if not _PLAIN.fullmatch(name)), key=len, reverse=True
        )
        alternatives = "|".join(map(re.escape, odd))
        self._odd = (
            re.compile(rf"(?<![\w$])(?:{alternatives})(?![\w$])", re.IGNORECASE) if odd else None
        )
        words = "|".join(sorted(map(re.escape, self._name_of), key=len, reverse=True))
        self._aliases = re.compile(rf"(?<![\w$])(?:{words})(?![\w$])") if words else None

    def __bool__(self) -> bool:
        return bool(self._alias_of)

    def applied(self, text: str) -> str:
        """The text with every known name replaced, also inside a longer text."""
        if not self._alias_of:
            return text
        if self._odd:
            text = self._odd.sub(lambda match: self._alias_of[match.group().lower()], text)
        return _WORD.sub(self._replaced, text)

    def _replaced(self, match: re.Match[str]) -> str:
        word = match.group()
        if match.string[match.start() - 1 : match.start()] == ":" and _PLACEHOLDER.fullmatch(word):
            return word
        return self._alias_of.get(word.lower(), word)

    def undone(self, text: str) -> str:
        return self._undone(text, lambda name: name)

    def undone_in_sql(self, text: str) -> str:
        """In quotes where SQL wants them. Raises NotActionSqlError for a name that no SQL holds."""
        return self._undone(text, quoted)

    def _undone(self, text: str, write: Callable[[str], str]) -> str:
        if self._aliases is None:
            return text
        return self._aliases.sub(lambda match: write(self._name_of[match.group()]), text)


NO_ALIASES = Aliases({})


def find_aliases(strings: Iterable[Outside], is_wanted: Callable[[str], bool]) -> Aliases:
    """For the names that are wanted, numbered in the order in which they come; names that are only
    known from SQL come last. Words of SQL itself keep their name: they tell nothing."""
    strings = list(strings)
    kinds: dict[str, tuple[str, OutsideKind]] = {}
    for outside in strings:
        for name, kind in _structural_names(outside):
            kinds.setdefault(name.lower(), (name, kind))
    for outside in strings:
        if outside.kind in _OF_STATEMENTS:
            for name in _names_in_sql(outside.text):
                kinds.setdefault(name.lower(), (name, OutsideKind.NAME))
    numbers = {kind: count(1) for kind in OutsideKind}
    aliases: dict[str, str] = {}
    for folded, (name, kind) in kinds.items():
        if folded in public_words() or not _WORD.search(name) or not is_wanted(name):
            continue
        alias = next(
            f"{kind.value}_{number}"
            for number in numbers[kind]
            if f"{kind.value}_{number}" not in kinds
        )
        aliases[name] = alias
    return Aliases(aliases)


def names_in(outside: Outside) -> Iterable[str]:
    """Every name that the string is or, of a statement, holds."""
    if outside.kind in _OF_STATEMENTS:
        return _names_in_sql(outside.text)
    return (name for name, _ in _structural_names(outside))


def _structural_names(outside: Outside) -> Iterable[tuple[str, OutsideKind]]:
    text = outside.text.strip()
    if not text:
        return ()
    if outside.kind in _WHOLE:
        return ((text, outside.kind),)
    if outside.kind is OutsideKind.TABLE:
        parts = [_unquoted(part) for part in _PARTS.findall(text)]
        kinds = (OutsideKind.TABLE, OutsideKind.SCHEMA, OutsideKind.DATABASE)
        return [
            (part, kind) for part, kind in zip(reversed(parts), kinds, strict=False) if part.strip()
        ]
    if outside.kind in (OutsideKind.DATABASE, OutsideKind.SCHEMA, OutsideKind.COLUMN):
        return ((_unquoted(text), outside.kind),)
    if outside.kind is OutsideKind.NAME:
        return ((_unquoted(text), OutsideKind.NAME),)
    return ()


def _names_in_sql(text: str) -> Iterable[str]:
    for token in scan(text):
        piece = text[token.start : token.end]
        if token.kind is TokenKind.WORD:
            yield piece.lstrip("#")
        elif token.kind is TokenKind.QUOTED and not token.is_cut:
            yield _unquoted(piece)


def _unquoted(name: str) -> str:
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return name[1:-1].replace('""', '"')
    return name
