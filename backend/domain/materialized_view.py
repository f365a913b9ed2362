"""A materialized view, how fresh it is and how it is refreshed."""

from dataclasses import dataclass, field
from datetime import datetime

FULL_RECOMPUTE = 0
INCREMENTAL = 1
BROKEN_REASONS = {
    101: "a column of a base table was dropped",
    102: "the type of a base table's column was changed",
    103: "a base table was renamed",
    104: "a column of a base table was renamed",
    105: "a schema was renamed",
}
"""SVV_MV_INFO.state (r_SVV_MV_INFO); 0 = recomputed from scratch, 1 = incremental."""


@dataclass(frozen=True, kw_only=True)
class Refreshes:
    """Rows of SYS_MV_REFRESH_HISTORY, by what their status says; `last_at` is when the last one
    that did not fail began."""

    incremental: int = 0
    full: int = 0
    unchanged: int = 0
    failed: int = 0
    incremental_seconds: float = 0.0
    full_seconds: float = 0.0
    last_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class MaterializedView:
    """A row of SVV_MV_INFO. `is_stale` is None where Redshift does not know.

    `base_tables` are those of its CREATE statement, where one was seen in the history.
    """

    database_name: str
    schema_name: str
    name: str
    state: int | None = None
    is_stale: bool | None = None
    is_rewrite_enabled: bool = False
    is_auto_refreshed: bool = False
    base_tables: tuple[str, ...] = ()
    refreshes: Refreshes = field(default_factory=Refreshes)

    @property
    def full_name(self) -> str:
        return f"{self.schema_name}.{self.name}"

    @property
    def is_broken(self) -> bool:
        return self.state in BROKEN_REASONS

    @property
    def why_broken(self) -> str:
        return BROKEN_REASONS.get(self.state or 0, "")

    @property
    def backing_table(self) -> str:
        """The table that holds its rows: what plans and steps show where it is read."""
        return f"mv_tbl__{self.name}__0"
