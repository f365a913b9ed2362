"""How a table's rows lie on the slices, by SVV_TABLE_INFO."""

import re

from backend.domain.evidence import Table

_KEY = re.compile(r"KEY\((.+?)\)", re.IGNORECASE)


def distribution_column(table: Table) -> str | None:
    """The column in KEY(column) or AUTO(KEY(column)), in lower case."""
    match = _KEY.search(table.distribution_style)
    return match[1].strip('"').lower() if match else None


def is_on_every_node(table: Table) -> bool:
    return table.distribution_style.upper() in {"ALL", "AUTO(ALL)"}
