"""Where a personal value stands in a statement, and what of it is left in a text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

SHORTEST_LEFT = 4
"""So many characters of a value in a row are a leak; of a shorter value all of it."""


class Placement(NamedTuple):
    """A statement with VALUE in it; how often each `'` of a value has to be doubled there."""

    statement: str
    doublings: int = 0

    def of(self, value: str) -> str:
        return self.statement.replace("VALUE", value.replace("'", "'" * 2**self.doublings))


PLACEMENTS: Mapping[str, Placement] = {
    "string": Placement("select a from t where b = 'VALUE' and c > 5", 1),
    "line comment": Placement("select a -- VALUE\nfrom t where c > 5"),
    "block comment": Placement("select a /* VALUE */ from t where c > 5"),
    "alias": Placement('select a as "VALUE" from t where c > 5'),
    "dollar quote": Placement("select f($q$VALUE$q$) from t where c > 5"),
    "cut string": Placement("select a from t where b = 'VALUE", 1),
    "set": Placement("set query_group to 'VALUE'; select a from t", 1),
    "unload": Placement(
        "unload ('select a from t where b = ''VALUE''') to 's3://b/k' iam_role default", 2
    ),
}
"""The eight in which leaks are counted."""

MORE_PLACEMENTS: Mapping[str, Placement] = {
    "escape string": Placement("select a from t where b = E'VALUE' and c > 5", 1),
    "unicode string": Placement("select a from t where b = U&'VALUE' and c > 5", 1),
    "national string": Placement("select a from t where b = N'VALUE' and c > 5", 1),
    "nested comment": Placement("select a /* x /* VALUE */ VALUE */ from t"),
    "list": Placement("select a from t where b in ('x', 'VALUE', 'y', 'z')", 1),
    "pattern": Placement("select a from t where b like '%VALUE%'", 1),
    "rows": Placement("insert into t values (1, 'VALUE'), (2, null)", 1),
    "call": Placement("call p(1, 'VALUE')", 1),
    "procedure": Placement(
        "create procedure p() as $$ begin update t set a = 'VALUE'; end $$ language plpgsql", 1
    ),
    "remark": Placement("comment on column t.c is 'VALUE'", 1),
    "json path": Placement("select json_extract_path_text(a, 'VALUE'), b->'VALUE' from t", 1),
    "unload alias": Placement(
        """unload ('select a as "VALUE" from t') to 's3://b/k' iam_role default""", 1
    ),
    "unload in dollars": Placement(
        "unload ($q$select a from t where b = 'VALUE'$q$) to 's3://b/k'", 1
    ),
    "explain": Placement("explain select a from t where b = 'VALUE'", 1),
    "cursor": Placement("declare c cursor for select a from t where b = 'VALUE'", 1),
    "credentials": Placement("copy t from 's3://b/k' credentials 'x=VALUE' csv", 1),
    "bare set": Placement("set query_group to VALUE"),
    "user's setting": Placement("alter user u set query_group = 'VALUE'", 1),
    "name of a user": Placement('grant select on t to "VALUE"'),
    "name of a table": Placement('select "VALUE".a from "s"."VALUE" where c > 5'),
}


def left_of(value: str, text: str | None, *, carrier: str = "") -> str | None:
    """A piece of the value that stands in the text, whatever its case; None if nothing does.

    `carrier` is the text as it is with another value: what it has by itself does not count.
    """
    if text is None:
        return None
    length = min(SHORTEST_LEFT, len(value))
    if not length:
        return None
    shown, own = text.lower(), carrier.lower()
    folded = value.lower()
    for start in range(len(folded) - length + 1):
        piece = folded[start : start + length]
        if piece in shown and piece not in own:
            return piece
    return None


def cuts(text: str, *, step: int = 1) -> Iterator[str]:
    """The text cut behind each character, and whole."""
    yield from (text[:length] for length in range(1, len(text), step))
    yield text


def any_left(values: Sequence[str], text: str | None, *, carrier: str = "") -> str | None:
    pieces = (left_of(value, text, carrier=carrier) for value in values)
    return next((piece for piece in pieces if piece is not None), None)
