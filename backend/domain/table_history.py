"""What happened to a table: how its figures were at earlier imports, and what was done to it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from backend.domain.evidence import Table


@dataclass(frozen=True, kw_only=True)
class TableSnapshot:
    """A table's figures from one moment on; `seen_until` is the last import that found them so.

    `columns` of the table are left out here: `sort_key` has those of its sort key in order,
    `column_design` is a digest of names, types and encodings.
    """

    taken_at: datetime
    seen_until: datetime
    table: Table
    sort_key: tuple[str, ...] = ()
    column_design: str = ""

    def differs_from(self, other: "TableSnapshot") -> bool:
        return replace(self, taken_at=other.taken_at, seen_until=other.seen_until) != other


def snapshot_of(table: Table, taken_at: datetime) -> TableSnapshot:
    in_order = sorted(
        (column for column in table.columns if column.sort_key_position),
        key=lambda column: abs(column.sort_key_position),
    )
    design = "\x1e".join(
        f"{column.name}\x1f{column.data_type}\x1f{column.encoding}" for column in table.columns
    )
    return TableSnapshot(
        taken_at=taken_at,
        seen_until=taken_at,
        table=replace(table, columns=()),
        sort_key=tuple(column.name for column in in_order),
        column_design=blake2b(design.encode(), digest_size=8).hexdigest() if design else "",
    )


class TableFigure(StrEnum):
    """What can change from one snapshot to the next, in the words of SVV_TABLE_INFO where it has
    any."""

    ROWS = "rows"
    SIZE = "size"
    DISTRIBUTION = "distribution"
    SORT_KEY = "sort key"
    ENCODINGS = "columns or encodings"
    UNSORTED = "unsorted part"
    STATISTICS = "stats_off"
    CREATED = "create_time"


DESIGN = frozenset({TableFigure.DISTRIBUTION, TableFigure.SORT_KEY, TableFigure.ENCODINGS})


@dataclass(frozen=True, kw_only=True)
class TableChange:
    """One figure before and after; texts where it is no number. None = the view did not say."""

    figure: TableFigure
    before: float | str | None
    after: float | str | None

    @property
    def ratio(self) -> float | None:
        """After / before of numbers above 0."""
        if isinstance(self.before, str) or isinstance(self.after, str):
            return None
        return self.after / self.before if self.before and self.after is not None else None


def table_changes(before: TableSnapshot, after: TableSnapshot) -> tuple[TableChange, ...]:
    """What is not as it was; a figure that one of the two lacks is no change."""
    return tuple(
        TableChange(figure=figure, before=old, after=new)
        for (figure, old), (_, new) in zip(_figures(before), _figures(after), strict=True)
        if old != new and old not in (None, "") and new not in (None, "")
    )


def _figures(snapshot: TableSnapshot) -> Iterator[tuple[TableFigure, float | str | None]]:
    table = snapshot.table
    yield TableFigure.ROWS, table.row_count
    yield TableFigure.SIZE, table.size_mb
    yield TableFigure.DISTRIBUTION, table.distribution_style
    yield TableFigure.SORT_KEY, ", ".join(snapshot.sort_key) or table.first_sort_key or "none"
    yield TableFigure.ENCODINGS, snapshot.column_design
    yield TableFigure.UNSORTED, table.unsorted_percent
    yield TableFigure.STATISTICS, table.statistics_off_percent
    yield TableFigure.CREATED, table.created_at.isoformat() if table.created_at else None


class TableEventKind(StrEnum):
    """Where a table event is from. `STATEMENT` is a statement of the own history, `CREATED` the
    create_time of SVV_TABLE_INFO; the others have a view each."""

    ANALYZE = "analyze"
    VACUUM = "vacuum"
    AUTO_OPTIMIZATION = "auto optimization"
    CREATED = "created"
    STATEMENT = "statement"


@dataclass(frozen=True, kw_only=True)
class TableEvent:
    """Something that was done to a table, and when it had been done.

    `what` says which kind of it (`Full`, `Sort`, `distkey`, `CREATE TABLE AS`), `status` how it
    ended. `detail` is a remark with figures, in words. `query_hash` names the pattern of a
    statement.
    """

    kind: TableEventKind
    database_name: str
    schema_name: str
    table_name: str
    at: datetime
    what: str = ""
    status: str = ""
    is_automatic: bool = False
    detail: str = ""
    query_hash: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.schema_name}.{self.table_name}"

    @property
    def has_effect(self) -> bool:
        """False for what was skipped, failed or only begun, as the views log it too."""
        status = self.status.strip().lower()
        if self.kind is TableEventKind.ANALYZE:
            return status in ("full", "predicatecolumn")
        if self.kind in (TableEventKind.VACUUM, TableEventKind.AUTO_OPTIMIZATION):
            return status.startswith("complete")
        return True
