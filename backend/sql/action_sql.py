"""The few statements that a recommendation may propose: how they are written and read back.

Everything else is refused, so neither a name with a quote in it nor a reviewer can smuggle in
another statement. Grammar: Redshift guide, ALTER TABLE, ANALYZE and VACUUM.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sqlglot import exp

from backend.domain.errors import UnusableInputError
from backend.domain.evidence import Table
from backend.sql.parse import NotParsedError, parse


class NotActionSqlError(UnusableInputError):
    """The statement is none that a recommendation may propose."""


class ActionKind(StrEnum):
    ANALYZE = "analyze"
    VACUUM_SORT = "vacuum_sort"
    VACUUM_DELETE = "vacuum_delete"
    VACUUM_REINDEX = "vacuum_reindex"
    DISTRIBUTE_BY_KEY = "distribute_by_key"
    DISTRIBUTE = "distribute"
    SORT_KEY = "sort_key"
    ENCODE_COLUMN = "encode_column"
    ENCODE_AUTO = "encode_auto"
    SELECT = "select"


@dataclass(frozen=True, kw_only=True)
class ActionStatement:
    """Names as written, without quotes; `argument` is the style of DISTRIBUTE, the encoding of
    ENCODE_COLUMN, AUTO or NONE of SORT_KEY."""

    kind: ActionKind
    table_names: tuple[str, ...]
    column_names: tuple[str, ...] = ()
    argument: str = ""


STATEMENTS_KEPT = 64
"""Each objection and each comparison with other advice reads the same statement."""

_PLAN_QUERY = (
    "SELECT child_query_sequence, plan_node_id, plan_parent_id, plan_node, plan_info "
    "FROM sys_query_explain WHERE query_id = :query_id ORDER BY 1, 2;"
)
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_NAME = r'(?:"(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_$]*)'
_TABLE = rf"(?P<table>{_NAME}(?:\.{_NAME}){{0,2}})"
_COLUMNS = rf"(?P<columns>{_NAME}(?:\s*,\s*{_NAME})*)"
_ENCODINGS = (
    "raw|az64|bytedict|delta32k|delta|lzo|mostly8|mostly16|mostly32|runlength|text255|text32k|zstd"
)


def _forms(**forms: str) -> tuple[tuple[ActionKind, re.Pattern[str]], ...]:
    return tuple(
        (ActionKind(kind), re.compile(rf"\s*{form}\s*", re.IGNORECASE))
        for kind, form in forms.items()
    )


_FORMS = _forms(
    analyze=rf"ANALYZE\s+{_TABLE}(?:\s+PREDICATE\s+COLUMNS)?",
    vacuum_sort=rf"VACUUM\s+SORT\s+ONLY\s+{_TABLE}(?:\s+TO\s+\d+\s+PERCENT)?(?:\s+BOOST)?",
    vacuum_delete=rf"VACUUM\s+DELETE\s+ONLY\s+{_TABLE}(?:\s+TO\s+\d+\s+PERCENT)?(?:\s+BOOST)?",
    vacuum_reindex=rf"VACUUM\s+REINDEX\s+{_TABLE}",
)
_ALTER_TABLE = re.compile(rf"\s*ALTER\s+TABLE\s+{_TABLE}\s+(?=ALTER\s)", re.IGNORECASE)
_CLAUSES = _forms(
    distribute_by_key=rf"ALTER\s+(?:DISTSTYLE\s+KEY\s+)?DISTKEY\s+(?P<columns>{_NAME})",
    distribute=r"ALTER\s+DISTSTYLE\s+(?P<argument>ALL|EVEN|AUTO)",
    sort_key=rf"ALTER\s+(?:COMPOUND\s+)?SORTKEY\s*"
    rf"(?:\(\s*{_COLUMNS}\s*\)|(?P<argument>AUTO|NONE))",
    encode_column=rf"ALTER\s+COLUMN\s+(?P<columns>{_NAME})\s+ENCODE\s+(?P<argument>{_ENCODINGS})",
    encode_auto=r"ALTER\s+ENCODE\s+AUTO",
)
_HARMLESS_FUNCTIONS = {"OCTET_LENGTH"}
"""Functions that only read, although the parser does not know them."""
_SPLIT = re.compile(r'((?:[^;"\']|"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\')+)')
_FIRST_NAME = re.compile(_NAME)


def quoted(name: str) -> str:
    """The identifier as Redshift reads it back: in quotes where a bare one would not do."""
    if not name or not name.isprintable():
        raise NotActionSqlError("A name with unprintable characters cannot be put into SQL.")
    is_plain = _PLAIN_NAME.fullmatch(name) is not None
    # sqlglot knows the reserved words; it would leave letters beyond ASCII bare.
    return exp.to_identifier(name, quoted=None if is_plain else True).sql(dialect="redshift")


def table_sql(table: Table) -> str:
    return f"{quoted(table.schema_name)}.{quoted(table.table_name)}"


def analyze(table: Table) -> str:
    return f"ANALYZE {table_sql(table)};"


def vacuum_sort(table: Table) -> str:
    return f"VACUUM SORT ONLY {table_sql(table)};"


def vacuum_delete(table: Table) -> str:
    return f"VACUUM DELETE ONLY {table_sql(table)};"


def encode_column(table: Table, column_name: str, encoding: str) -> str:
    return f"ALTER TABLE {table_sql(table)} ALTER COLUMN {quoted(column_name)} ENCODE {encoding};"


def encode_automatically(table: Table) -> str:
    return f"ALTER TABLE {table_sql(table)} ALTER ENCODE AUTO;"


def longest_value(table: Table, column_name: str) -> str:
    """How many bytes the longest value of a text column has."""
    longest = f"MAX(OCTET_LENGTH({quoted(column_name)})) AS longest_bytes FROM {table_sql(table)}"
    return f"SELECT {longest};"


def distribute_by_key(table: Table, column_name: str) -> str:
    return f"ALTER TABLE {table_sql(table)} ALTER DISTSTYLE KEY DISTKEY {quoted(column_name)};"


def distribute(table: Table, style: str) -> str:
    return f"ALTER TABLE {table_sql(table)} ALTER DISTSTYLE {style};"


def sort_by(table: Table, column_names: Sequence[str]) -> str:
    columns = ", ".join(quoted(name) for name in column_names)
    return f"ALTER TABLE {table_sql(table)} ALTER COMPOUND SORTKEY ({columns});"


def count_by_value(table: Table, column_name: str, limit: int = 20) -> str:
    """Shows the values that hold the most rows."""
    column = quoted(column_name)
    counted = f"{column}, COUNT(*) AS row_count FROM {table_sql(table)}"
    return f"SELECT {counted} GROUP BY {column} ORDER BY row_count DESC LIMIT {limit};"


def recorded_plan(query_id: int) -> str:
    """The plan of one run; Redshift keeps it for about seven days."""
    return _PLAN_QUERY.replace(":query_id", str(int(query_id)))


@lru_cache(maxsize=STATEMENTS_KEPT)
def read_action_sql(text: str) -> tuple[ActionStatement, ...]:
    """One entry a statement, or a clause of ALTER TABLE. Raises NotActionSqlError for anything not
    listed here."""
    parts = [part for part in _SPLIT.findall(text) if part.strip()]
    if not parts or _SPLIT.sub("", text).strip(";"):
        raise NotActionSqlError
    return tuple(read for part in parts for read in _read_one(part))


def _read_one(statement: str) -> list[ActionStatement]:
    for kind, form in _FORMS:
        if match := form.fullmatch(statement):
            return [_action(kind, match["table"], match)]
    if head := _ALTER_TABLE.match(statement):
        return _read_clauses(statement, head)
    return [_read_select(statement)]


def _read_clauses(statement: str, head: re.Match[str]) -> list[ActionStatement]:
    read: list[ActionStatement] = []
    place = head.end()
    while True:
        kind, match = next(
            ((kind, match) for kind, form in _CLAUSES if (match := form.match(statement, place))),
            (None, None),
        )
        if kind is None or match is None:
            raise NotActionSqlError
        read.append(_action(kind, head["table"], match))
        place = match.end()
        if place == len(statement):
            break
        if statement[place] != ",":
            raise NotActionSqlError
        place += 1
    if len(read) > 1 and not _go_together(read):
        raise NotActionSqlError
    return read


def _go_together(clauses: Sequence[ActionStatement]) -> bool:
    """One ALTER TABLE takes a sort key beside a distribution, and several encodings."""
    kinds = sorted(clause.kind for clause in clauses)
    if set(kinds) == {ActionKind.ENCODE_COLUMN}:
        return len({clause.column_names for clause in clauses}) == len(clauses)
    return kinds == [ActionKind.DISTRIBUTE_BY_KEY, ActionKind.SORT_KEY] or (
        kinds == [ActionKind.DISTRIBUTE, ActionKind.SORT_KEY]
        and any(clause.argument == "ALL" for clause in clauses)
    )


def _action(kind: ActionKind, table: str, match: re.Match[str]) -> ActionStatement:
    groups = match.groupdict()
    return ActionStatement(
        kind=kind,
        table_names=(".".join(_names(table)),),
        column_names=_names(groups.get("columns") or ""),
        argument=(groups.get("argument") or "").upper(),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(
        name[1:-1].replace('""', '"') if name.startswith('"') else name
        for name in _FIRST_NAME.findall(text)
    )


def _read_select(statement: str) -> ActionStatement:
    try:
        (query,) = parse(statement)
    except (NotParsedError, ValueError) as error:
        raise NotActionSqlError from error
    own_names = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    if (
        not isinstance(query, exp.Query)
        or query.find(exp.Into)
        or any(map(_may_do_more, query.walk()))
    ):
        raise NotActionSqlError
    return ActionStatement(
        kind=ActionKind.SELECT,
        table_names=tuple(
            dict.fromkeys(
                ".".join(part.name for part in table.parts)
                for table in query.find_all(exp.Table)
                if table.name.lower() not in own_names
            )
        ),
    )


def _may_do_more(node: exp.Expr) -> bool:
    """A function that is not known may do more than read: end a session, call a Lambda."""
    if isinstance(node, exp.Anonymous):
        return node.name.upper() not in _HARMLESS_FUNCTIONS
    writes = (exp.DML, exp.DDL, exp.Command, exp.Lock)
    return isinstance(node, writes) and not isinstance(node, exp.Query)
