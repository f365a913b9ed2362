"""What the first words of a scrubbed statement say: what it writes, which view it refreshes.

A look at the words only: parsing the statements of all patterns would take minutes.
"""

import re

_NAME = r'(?P<name>(?:"[^"]+"|[\w$#]+)(?:\s*\.\s*(?:"[^"]+"|[\w$#]+)){0,2})'
_WRITES = re.compile(
    r"^\s*(?:"
    r"insert\s+into|copy|update|delete\s+from|delete|merge\s+into|truncate\s+table|truncate"
    r"|create\s+(?:temp\s+|temporary\s+|local\s+temp(?:orary)?\s+|external\s+)?table"
    r"(?:\s+if\s+not\s+exists)?"
    r"|drop\s+table(?:\s+if\s+exists)?|alter\s+table"
    r"|vacuum(?:\s+(?:full|sort\s+only|delete\s+only|reindex|recluster))?"
    rf"|analyze(?:\s+compression)?|lock\s+table|lock)\s+{_NAME}",
    re.IGNORECASE,
)
_REFRESHES = re.compile(rf"^\s*refresh\s+materialized\s+view\s+{_NAME}", re.IGNORECASE)
_DEFINES = re.compile(r"^\s*create\s+materialized\s+view\b", re.IGNORECASE)
_ANALYZES_COMPRESSION = re.compile(r"^\s*(?:analyze\s+compression|copy\s+analyze)\b", re.IGNORECASE)
_NO_TABLES = frozenset({"analyze", "compression", "table", "only"})


def written_table(scrubbed_sql: str) -> str | None:
    """The table that the statement writes or changes, in lower case; None where it only reads."""
    return _name(_WRITES.match(scrubbed_sql))


def refreshed_view(scrubbed_sql: str) -> str | None:
    """The materialized view that the statement refreshes, in lower case."""
    return _name(_REFRESHES.match(scrubbed_sql))


def defines_view(scrubbed_sql: str) -> bool:
    return _DEFINES.match(scrubbed_sql) is not None


def analyzes_compression(scrubbed_sql: str) -> bool:
    """COPY runs `analyze compression` or `COPY ANALYZE` by itself where it looks for encodings."""
    return _ANALYZES_COMPRESSION.match(scrubbed_sql) is not None


def _name(found: re.Match[str] | None) -> str | None:
    if found is None:
        return None
    name = re.sub(r'\s|"', "", found["name"]).lower()
    return None if name in _NO_TABLES else name
