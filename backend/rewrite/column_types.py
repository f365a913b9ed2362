"""Types of SVV_REDSHIFT_COLUMNS.data_type as far as rewrites tell them apart."""

import re
from enum import StrEnum

_LENGTH = re.compile(r"\s*\(\s*([^)]*)\)")


class Family(StrEnum):
    """What values of a type compare and shift like."""

    DATE = "date"
    TIMESTAMP = "timestamp"
    ZONED = "timestamp with time zone"
    INTEGER = "integer"
    NUMERIC = "numeric"
    TEXT = "text"
    OTHER = "other"


_FAMILIES = {
    "date": Family.DATE,
    "timestamp": Family.TIMESTAMP,
    "timestamp without time zone": Family.TIMESTAMP,
    "timestamptz": Family.ZONED,
    "timestamp with time zone": Family.ZONED,
    "smallint": Family.INTEGER,
    "int2": Family.INTEGER,
    "integer": Family.INTEGER,
    "int": Family.INTEGER,
    "int4": Family.INTEGER,
    "bigint": Family.INTEGER,
    "int8": Family.INTEGER,
    "numeric": Family.NUMERIC,
    "decimal": Family.NUMERIC,
    "character varying": Family.TEXT,
    "varchar": Family.TEXT,
    "nvarchar": Family.TEXT,
}
_SAME_TYPE = {
    "int2": "smallint",
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "decimal": "numeric",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
}


def family(data_type: str) -> Family:
    """CHAR is OTHER: its padding makes it a kind of its own."""
    return _FAMILIES.get(_base(data_type), Family.OTHER)


def has_exact_order(data_type: str) -> bool:
    """Equal values are interchangeable in every comparison: not so for floats, CHAR, collations."""
    return family(data_type) not in (Family.OTHER, Family.TEXT)


def is_same_type(one: str, other: str) -> bool:
    """The same type with the same precision."""
    return _whole(one) == _whole(other)


def _base(data_type: str) -> str:
    return " ".join(_LENGTH.sub("", data_type).lower().split())


def _whole(data_type: str) -> tuple[str, str]:
    length = _LENGTH.search(data_type)
    base = _base(data_type)
    return _SAME_TYPE.get(base, base), (length[1].replace(" ", "") if length else "")
