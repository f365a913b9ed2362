"""The statement of a case file as a tree that can be written back word for word."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError

from backend.rewrite.numbered import (
    numbers_in,
    placeholder_count,
    shown,
    with_numbers,
    with_question_marks,
    with_stand_ins,
)
from backend.sql.canonical import canonical
from backend.sql.parse import NotParsedError, parse
from backend.sql.scanner import TokenKind, scan
from backend.sql.tree_writer import TooDeepError
from backend.sql.wrapped import Wrapped, read_wrapped

LONGEST_REWRITTEN = 60_000
STATEMENTS_KEPT = 16

# Other spellings of the same word; all else must come back as it was written.
_SPELLINGS = {
    "nvl": "coalesce",
    "substr": "substring",
    "len": "length",
    "integer": "int",
    "int4": "int",
    "bool": "boolean",
    "days": "day",
    "weeks": "week",
    "months": "month",
    "quarters": "quarter",
    "years": "year",
    "hours": "hour",
    "minutes": "minute",
    "seconds": "second",
}
# Words that may come and go without a change of meaning: `INNER JOIN`, `LEFT OUTER JOIN`, `x AS y`.
_SILENT = ("as", "inner", "outer", "asc")


@dataclass(frozen=True, kw_only=True)
class NumberedStatement:
    """`tree` is the statement, or the query inside UNLOAD and its kin; `wrapped` is around it."""

    tree: exp.Expr
    wrapped: Wrapped | None = None

    def text_of(self, tree: exp.Expr) -> str:
        """The whole statement around `tree`, laid out, with `:p3` for the third `?`."""
        query = shown(tree)
        if self.wrapped is None:
            return query
        first = 1 + placeholder_count(self.wrapped.head)
        last = 1 + first + placeholder_count(self.wrapped.query) - 1
        head = _numbered_plainly(self.wrapped.head, 1).strip()
        tail = _numbered_plainly(self.wrapped.tail, last).strip()
        return f"{head}'\n{query}\n'{tail}" if self.wrapped.is_quoted else f"{head}\n{query}"


def read_numbered(scrubbed_sql: str | None) -> NumberedStatement | None:
    """None where the text is withheld, is several statements, does not parse, or would not come
    back from the tree as it was: sqlglot knows most of Redshift, but not all of it.

    The tree is shared with others who ask for the same text: change a copy of it.
    """
    if not scrubbed_sql or len(scrubbed_sql) > LONGEST_REWRITTEN:
        return None
    return _read(scrubbed_sql)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _read(scrubbed_sql: str) -> NumberedStatement | None:
    wrapped = read_wrapped(scrubbed_sql)
    query = wrapped.query if wrapped else scrubbed_sql
    first = 1 + (placeholder_count(wrapped.head) if wrapped else 0)
    try:
        (tree,) = parse(with_numbers(query, first))
        if not _comes_back(query, tree, first):
            return None
    except (NotParsedError, TooDeepError, SqlglotError, RecursionError):
        return None
    except (ValueError, TypeError, AttributeError):  # an odd tree, or several statements
        return None
    return NumberedStatement(tree=tree, wrapped=wrapped)


def _comes_back(query: str, tree: exp.Expr, first: int) -> bool:
    """The same words, the same places of values in the same order, and no value of its own: so
    the third `?` is the third one in the statement as it came and as it is laid out for reading."""
    written = shown(tree)
    expected = list(range(first, first + placeholder_count(query)))
    if numbers_in(written) != expected or _has_values(written):
        return False
    before, after = _words(query), _words(with_question_marks(written))
    if before - after or set(after - before) - _added_words(before):
        return False
    return canonical(parse(with_stand_ins(written))) == canonical([tree])


def _added_words(before: Counter[str]) -> set[str]:
    """`x::date` and `date '…'` come back as CAST, SUBSTRING(x, 1, 2) with FROM and FOR."""
    return {"cast", "from", "for"} if "substring" in before else {"cast"}


def _words(text: str) -> Counter[str]:
    kinds = (TokenKind.WORD, TokenKind.QUOTED)
    words = Counter(
        _SPELLINGS.get(word, word)
        for word in (
            text[token.start : token.end].strip('"').lower()
            for token in scan(text)
            if token.kind in kinds
        )
    )
    for word in _SILENT:
        del words[word]
    return words


def _has_values(shown_sql: str) -> bool:
    values = (TokenKind.STRING, TokenKind.NUMBER)
    return any(token.kind in values for token in scan(shown_sql))


def _numbered_plainly(scrubbed: str, first: int) -> str:
    pieces = []
    number = first
    for token in scan(scrubbed):
        piece = scrubbed[token.start : token.end]
        if token.kind is TokenKind.PLACEHOLDER:
            piece = f":p{number}"
            number += 1
        pieces.append(piece)
    return "".join(pieces)
