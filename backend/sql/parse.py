"""sqlglot on a leash: Redshift text to trees, within limits, without a line in any log."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel

LONGEST_PARSED = 200_000
DEEPEST_BRACKETS = 120
# A type's name before a bracket makes sqlglot try two readings, so nesting doubles the time.
DEEPEST_TYPE_BRACKETS = 8
# Behind a JOIN without its ON, each further JOIN makes sqlglot try two readings as well:
# `a JOIN b JOIN c ON … ON …` is rare and never deep.
MOST_OPEN_JOINS = 8

# A LIMIT within brackets within a LIMIT within brackets … is read in two ways each time, too.
DEEPEST_LIMITS = 8

_BRACKET = re.compile(r"([a-z_]\w*) ?[(\[]|[(\[]|[)\]]|\blimit\b")
_JOIN = re.compile(
    r"\b(?:(cross|natural)(?: inner| left| right| full| outer)* )?join\b|\b(?:on|using)\b"
)
_is_parsing: ContextVar[bool] = ContextVar("_is_parsing", default=False)


class NotParsedError(Exception):
    """The text is not a statement that the parser knows."""


def parse(text: str) -> list[exp.Expr]:
    """The statements of a text. Raises NotParsedError, also for those kept as raw text."""
    if len(text) > LONGEST_PARSED or _is_too_deep(text) or _has_open_joins(text):
        raise NotParsedError
    try:
        with _unlogged():
            trees = Redshift().parse(text, error_level=ErrorLevel.IMMEDIATE)
    except Exception as error:  # on odd text the parser fails in many ways
        raise NotParsedError from error
    statements = [tree for tree in trees if tree is not None]
    if not statements or any(isinstance(tree, exp.Command) for tree in statements):
        raise NotParsedError
    return statements


def _is_too_deep(text: str) -> bool:
    brackets: list[bool] = []
    limited: list[bool] = []
    type_brackets = 0
    for match in _BRACKET.finditer(text.lower()):
        if match.group() == "limit":
            if limited:
                limited[-1] = True
        elif match.group() in ")]":
            if brackets:
                type_brackets -= brackets.pop()
                limited.pop()
        else:
            brackets.append(match.group(1) in _type_names())
            limited.append(False)
            type_brackets += brackets[-1]
        if (
            len(brackets) > DEEPEST_BRACKETS
            or type_brackets > DEEPEST_TYPE_BRACKETS
            or (match.group() == "limit" and sum(limited) > DEEPEST_LIMITS)
        ):
            return True
    return False


def _has_open_joins(text: str) -> bool:
    lowered = text.lower()
    if lowered.count("join") <= MOST_OPEN_JOINS:
        return False
    still_open = 0
    for match in _JOIN.finditer(" ".join(lowered.split())):
        if match.group(1):
            continue
        still_open = still_open + 1 if match.group().endswith("join") else max(0, still_open - 1)
        if still_open > MOST_OPEN_JOINS:
            return True
    return False


@cache
def _type_names() -> frozenset[str]:
    types = Redshift.Parser.TYPE_TOKENS
    return frozenset(
        name.lower() for name, kind in Redshift.Tokenizer.KEYWORDS.items() if kind in types
    )


@contextmanager
def _unlogged() -> Iterator[None]:
    # sqlglot warns with the statement in the message; statements never go to a log.
    logging.getLogger("sqlglot").addFilter(_not_while_parsing)
    mark = _is_parsing.set(True)
    try:
        yield
    finally:
        _is_parsing.reset(mark)


def _not_while_parsing(_: logging.LogRecord) -> bool:
    return not _is_parsing.get()
