"""A document for a model, before it is text: our own words, figures, and strings from outside.

Every string from outside is wrapped, so that the gate finds all of them and nothing else.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class OutsideKind(StrEnum):
    """Where a string comes from decides how it is masked, and what it is called by an alias."""

    DATABASE = "database"
    SCHEMA = "schema"
    TABLE = "table"
    """With or without database and schema, a dot between them."""
    COLUMN = "column"
    USER = "user"
    LABEL = "label"
    NAME = "name"
    """Any other name: an alias, a variable."""
    STATEMENT = "statement"
    """The whole statement, which becomes a list of its lines."""
    SQL = "sql"
    PLAN = "plan"
    """Conditions of a plan's operators."""
    MESSAGE = "message"
    """Alerts, notices, warnings: others' sentences with values in them."""
    SENTENCE = "sentence"
    """Sentences of checks and terms of Redshift: names and measured figures in them, no values."""


NAMES = frozenset(
    {
        OutsideKind.DATABASE,
        OutsideKind.SCHEMA,
        OutsideKind.TABLE,
        OutsideKind.COLUMN,
        OutsideKind.USER,
        OutsideKind.LABEL,
        OutsideKind.NAME,
    }
)


@dataclass(frozen=True, slots=True)
class Outside:
    text: str
    kind: OutsideKind


Tree = None | bool | int | float | str | Outside | Sequence["Tree"] | Mapping[str, "Tree"]
"""A plain `str` is our own word."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the document. Of a document that is too long, lines of the highest `rank` go
    first, and how many of which `group` is said."""

    group: str
    tree: Mapping[str, Tree]
    rank: int = 0


def leaves(tree: Tree) -> Iterator[Outside]:
    if isinstance(tree, Outside):
        yield tree
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from leaves(value)
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for value in tree:
            yield from leaves(value)


def with_leaves(tree: Tree, change: Callable[[Outside], Tree]) -> Tree:
    """The same tree with something plain for each string from outside."""
    if isinstance(tree, Outside):
        return change(tree)
    if isinstance(tree, Mapping):
        return {key: with_leaves(value, change) for key, value in tree.items()}
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        return [with_leaves(value, change) for value in tree]
    return tree
