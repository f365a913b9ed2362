"""How a table is laid out: where its rows lie, in which order, and whether Redshift decides."""

import re
from dataclasses import dataclass
from enum import StrEnum

from backend.domain.evidence import Column, Table

_KEY = re.compile(r"KEY\((.+?)\)", re.IGNORECASE)
_AUTO_SORT = re.compile(r"AUTO\(SORTKEY(?:\((.+)\))?\)", re.IGNORECASE)
_BEHIND_VIEW = re.compile(r"mv_tbl__(.+?)__\d+(?:_recomputed)?", re.IGNORECASE)
_PILES_UP = ("date", "timestamp", "time", "bool", "super", "float", "real", "double")
"""Types of few or uneven values (AWS's review counts a DISTKEY on a date), or none to hash well."""


class DistributionStyle(StrEnum):
    KEY = "KEY"
    ALL = "ALL"
    EVEN = "EVEN"


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """Where the rows of a table lie. `column` is the distribution key, in lower case."""

    style: DistributionStyle
    column: str = ""

    @property
    def words(self) -> str:
        return f"KEY({self.column})" if self.column else self.style.value


EVEN = Distribution(style=DistributionStyle.EVEN)
ALL = Distribution(style=DistributionStyle.ALL)


def by_key(column_name: str) -> Distribution:
    return Distribution(style=DistributionStyle.KEY, column=column_name.lower())


def table_key(database_name: str, schema_name: str, table_name: str) -> str:
    """`database.schema.table` in one case: what a table is called across patterns."""
    return f"{database_name}.{schema_name}.{table_name}".casefold()


def key_of_table(table: Table) -> str:
    return table_key(table.database_name, table.schema_name, table.table_name)


def short_name(key: str) -> str:
    """`schema.table` of a table's key."""
    return key.partition(".")[2] or key


def distribution_of(table: Table) -> Distribution | None:
    """As it is now, also where Redshift has chosen it; None where the view does not say."""
    style = table.distribution_style.upper()
    if match := _KEY.search(table.distribution_style):
        return by_key(match[1].strip('"'))
    if "ALL" in style:
        return ALL
    return EVEN if "EVEN" in style else None


def is_distribution_automatic(table: Table) -> bool:
    """DISTSTYLE AUTO: Redshift changes it by itself."""
    return table.distribution_style.upper().startswith("AUTO")


def is_sort_automatic(table: Table) -> bool:
    return (table.first_sort_key or "").strip().upper().startswith("AUTO")


def sort_columns(table: Table) -> tuple[str, ...]:
    """Leading column first, lower case; empty where there is none or it is not known."""
    keyed = [column for column in table.columns if column.sort_key_position != 0]
    if keyed:
        ordered = sorted(keyed, key=lambda column: abs(column.sort_key_position))
        return tuple(column.name.lower() for column in ordered)
    shown = (table.first_sort_key or "").strip()
    if automatic := _AUTO_SORT.fullmatch(shown):
        shown = automatic[1] or ""
    if not shown or shown.upper().startswith(("AUTO", "INTERLEAVED")):
        return ()
    return (shown.strip('"').lower(),)


def view_of(table: Table) -> str | None:
    """The materialized view whose rows the table holds: mv_tbl__<view>__0 (Redshift guide,
    materialized-view-auto-rewrite). Its design is set when the view is created."""
    match = _BEHIND_VIEW.fullmatch(table.table_name)
    return match[1] if match else None


def column_of(table: Table, column_name: str) -> Column | None:
    wanted = column_name.lower()
    return next((column for column in table.columns if column.name.lower() == wanted), None)


def piles_up(column: Column) -> bool:
    """Of a type that gathers rows on few slices when it is the distribution key."""
    data_type = column.data_type.lower()
    return data_type.startswith(_PILES_UP) or data_type.replace(" ", "") in {
        "char(1)", "char(2)", "character(1)", "character(2)",
    }  # fmt: skip


def design_words(table: Table) -> str:
    """`KEY(order_id), sorted by order_date and order_id`, as SVV_TABLE_INFO has it."""
    style = table.distribution_style or "distribution not known"
    return f"{style}, {sort_words(table)}"


def sort_words(table: Table) -> str:
    columns = ", ".join(sort_columns(table))
    if table.has_interleaved_sort_key:
        return f"interleaved by {columns}" if columns else "interleaved"
    if is_sort_automatic(table):
        return f"sort key AUTO ({columns})" if columns else "sort key AUTO"
    return f"sorted by {columns}" if columns else "no sort key"
