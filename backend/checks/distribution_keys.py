"""By which column a table is distributed, and whether that is a date."""

import re

from backend.domain.evidence import Table

_KEY = re.compile(r"KEY\((.+)\)", re.IGNORECASE)
_DATE_TYPES = ("date", "timestamp", "time")
_DATE_NAME = re.compile(r"(?:^|_)(?:date|dt|datetime|timestamp)(?:_|$)")


def distribution_key(table: Table) -> str | None:
    """In lower case; None for EVEN, ALL, and where it is not known."""
    flagged = next((column.name for column in table.columns if column.is_distribution_key), None)
    if flagged:
        return flagged.lower()
    shown = _KEY.search(table.distribution_style)
    return shown[1].strip('"').lower() if shown else None


def date_distribution_key(table: Table) -> str | None:
    """The DISTKEY if it is a date or time, by its type, or by its name where that is not known."""
    key = distribution_key(table)
    if key is None:
        return None
    column = next((column for column in table.columns if column.name.lower() == key), None)
    if column and column.data_type:
        return key if column.data_type.lower().startswith(_DATE_TYPES) else None
    return key if _DATE_NAME.search(key) else None


def is_left_to_redshift(table: Table) -> bool:
    """DISTSTYLE AUTO: Redshift changes it by itself."""
    return table.distribution_style.strip().upper().startswith("AUTO")


def is_copied_to_every_node(table: Table) -> bool:
    return table.distribution_style.strip().upper() in {"ALL", "AUTO(ALL)"}
