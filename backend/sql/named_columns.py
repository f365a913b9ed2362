"""The columns that a statement names, and how wide rows of them can be."""

import math
import re
from collections.abc import Iterator

from backend.domain.case_file import CaseFile, TableFact

WIDE_VARCHAR = 256
"""A VARCHAR declared as wide is named as what makes rows wide; `text` is a VARCHAR(256)."""

OVERHEAD_BYTES = 200
"""For row headers, counters and computed figures."""

_MAKES_TEXT = re.compile(r"\b(?:listagg|repeat|[lr]pad|json\w*|object|array)\s*\(", re.IGNORECASE)
_VARCHAR = re.compile(r"(?:character varying|varchar|char)\s*\((\d+)\)", re.IGNORECASE)


def widest_possible_bytes(case: CaseFile) -> float:
    """What a row of this statement can hold: the columns that it names, as they are declared, and
    as much again for what it makes of them. Infinite where that is not known."""
    statement, sql = case.statement, case.scrubbed_sql or ""
    tables = [case.table(name) for name in (statement.table_names if statement else ())]
    known = [fact for fact in tables if fact and fact.table.columns]
    if not tables or len(known) < len(tables) or _MAKES_TEXT.search(sql):
        return math.inf
    named = _names(sql)
    columns = {
        (fact.fact_id, column.name): column
        for fact in known
        for column in fact.table.columns
        if column.name.lower() in named
    }
    return OVERHEAD_BYTES + 2 * sum(_declared_bytes(each.data_type) for each in columns.values())


def wide_columns(case: CaseFile) -> Iterator[tuple[TableFact, str, int]]:
    """The wide VARCHARs that the statement names, the widest first, with their declared bytes."""
    named = _names(case.scrubbed_sql or "")
    found = [
        (fact, column.name, int(match[1]))
        for fact in case.tables
        for column in fact.table.columns
        if column.name.lower() in named
        and (match := _VARCHAR.search(column.data_type))
        and int(match[1]) >= WIDE_VARCHAR
    ]
    return iter(sorted(found, key=lambda each: (-each[2], each[0].fact_id, each[1])))


def _names(sql: str) -> set[str]:
    return set(re.findall(r"[a-z_][a-z0-9_$]*", sql.lower()))


def _declared_bytes(data_type: str) -> float:
    """Sizes of the Redshift guide (data types); a SUPER holds up to 16 MB."""
    if match := _VARCHAR.search(data_type):
        return float(match[1])
    kind = data_type.strip().lower()
    if kind.startswith(("super", "varbyte", "geometry", "geography", "hllsketch")):
        return math.inf
    if kind.startswith(("text", "varchar", "char", "bpchar")):
        return float(WIDE_VARCHAR)
    return 16.0
