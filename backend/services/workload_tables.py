"""Who reads and writes each table and materialized view, from all patterns of the history."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from backend.domain.evidence import Table
from backend.domain.materialized_view import MaterializedView
from backend.domain.workload import (
    LargeTablesFact,
    TableUseFact,
    UnresolvedNamesFact,
    ViewUseFact,
)
from backend.services.ports import HistoryStore, PatternHead
from backend.sql.statement_head import refreshed_view, written_table

NextId = Callable[[], str]
UNRESOLVED_NAMED = 8
TABLES_AT_MOST = 20
"""So many of those that are read and of those that are not."""

INTERNAL = (
    "stl_",
    "stv_",
    "svl_",
    "svv_",
    "svcs_",
    "sys_",
    "pg_",
    "volt_tt_",
    "information_schema",
)
UPKEEP = ("analyze", "vacuum")


@dataclass(slots=True)
class Uses:
    """Of a name as statements write it, without its database."""

    last_read: datetime | None = None
    last_written: datetime | None = None
    readers: set[str] = field(default_factory=set)
    writers: set[str] = field(default_factory=set)


class UseBook:
    """By name in lower case: `schema.table`, or bare where a statement leaves the schema out."""

    def __init__(self, heads: Sequence[PatternHead]) -> None:
        self.uses: dict[str, Uses] = {}
        self.nameless_patterns = 0
        for head in heads:
            self._add(head)

    def _add(self, head: PatternHead) -> None:
        written = written_table(head.statement) or refreshed_view(head.statement)
        is_upkeep = head.statement.lstrip().lower().startswith(UPKEEP)
        names = {_own_name(name) for name in head.table_names}
        if not names and not written and head.query_type.upper() in {"SELECT", "CTAS", "UNLOAD"}:
            self.nameless_patterns += 1
        if written and not is_upkeep:
            uses = self.uses.setdefault(_own_name(written), Uses())
            uses.writers.add(head.query_hash)
            uses.last_written = _later(uses.last_written, head.last_seen)
        for name in names - ({_own_name(written)} if written else set()):
            uses = self.uses.setdefault(name, Uses())
            uses.readers.add(head.query_hash)
            uses.last_read = _later(uses.last_read, head.last_seen)

    def of(self, full_name: str) -> Uses:
        """With what statements say that leave out the schema: a bare name may mean it."""
        wanted = full_name.lower()
        bare = wanted.rpartition(".")[2]
        own, bare_uses = self.uses.get(wanted, Uses()), self.uses.get(bare, Uses())
        return Uses(
            last_read=_later(own.last_read, bare_uses.last_read),
            last_written=_later(own.last_written, bare_uses.last_written),
            readers=own.readers | bare_uses.readers,
            writers=own.writers | bare_uses.writers,
        )


@dataclass(frozen=True, kw_only=True)
class TableUses:
    """`tables` are the largest."""

    large: LargeTablesFact | None
    tables: tuple[TableUseFact, ...]
    unresolved: UnresolvedNamesFact | None
    views: tuple[ViewUseFact, ...]


def table_uses(
    store: HistoryStore,
    heads: Sequence[PatternHead],
    *,
    seconds_of: Callable[[str], float],
    worth_mb: float,
    next_id: NextId,
) -> TableUses:
    """`seconds_of` gives the window's time of a pattern; asked for those that write a large unread
    table only."""
    book = UseBook(heads)
    scans = store.table_scans()
    views = store.materialized_views()
    known = {_own_name(view.full_name) for view in views}
    read: list[_Use] = []
    unread: list[_Use] = []
    for table in store.each_table():
        known.add(_own_name(table.full_name))
        if (table.size_mb or 0) >= worth_mb and not table.table_name.startswith("mv_tbl__"):
            use = _use(table, book, scans)
            (unread if use.last_read is None else read).append(use)
    large = LargeTablesFact(
        fact_id=next_id(), least_mb=worth_mb, count=len(read) + len(unread), read=len(read)
    )
    return TableUses(
        large=large if large.count else None,
        tables=tuple(
            _table_use(use, seconds_of, next_id) for use in (*_largest(unread), *_largest(read))
        ),
        unresolved=_unresolved(book, known, store, next_id),
        views=tuple(_view_uses(views, book, scans, next_id)),
    )


@dataclass(frozen=True, slots=True)
class _Use:
    table: Table
    last_read: datetime | None
    uses: Uses


def _use(table: Table, book: UseBook, scans: Mapping[str, datetime]) -> _Use:
    uses = book.of(table.full_name)
    scanned = scans.get(f"{table.database_name}.{table.full_name}".casefold())
    # A scan of a table that a statement only writes may serve its DELETE or MERGE.
    last_read = _later(uses.last_read, None if uses.writers else scanned)
    # The columns of a table would make the review large.
    return _Use(replace(table, columns=()), last_read, uses)


def _largest(uses: Sequence[_Use]) -> Sequence[_Use]:
    in_order = sorted(uses, key=lambda use: (-(use.table.size_mb or 0), use.table.full_name))
    return in_order[:TABLES_AT_MOST]


def _table_use(use: _Use, seconds_of: Callable[[str], float], next_id: NextId) -> TableUseFact:
    writers = tuple(sorted(use.uses.writers))
    return TableUseFact(
        fact_id=next_id(),
        table=use.table,
        last_read=use.last_read,
        last_written=use.uses.last_written,
        writing_patterns=writers[:20],
        writing_seconds=sum(map(seconds_of, writers)) if use.last_read is None else 0.0,
    )


def _unresolved(
    book: UseBook, known: set[str], store: HistoryStore, next_id: NextId
) -> UnresolvedNamesFact | None:
    """Names that are read, and are no table, view or external table that was exported."""
    bare = {name.rpartition(".")[2] for name in known}
    unknown = sorted(
        name
        for name, uses in book.uses.items()
        if uses.readers
        and name not in known
        and not ("." not in name and name in bare)
        and not name.startswith(INTERNAL)
        and not name.rpartition(".")[2].startswith(INTERNAL)
    )
    lake = {_own_name(table.full_name) for table in store.lake_tables(unknown)}
    unknown = [name for name in unknown if name not in lake]
    readers = {query_hash for name in unknown for query_hash in book.uses[name].readers}
    if not unknown and not book.nameless_patterns:
        return None
    return UnresolvedNamesFact(
        fact_id=next_id(),
        names=tuple(unknown[:UNRESOLVED_NAMED]),
        count=len(unknown),
        unread_patterns=len(readers) + book.nameless_patterns,
    )


def _view_uses(
    views: Sequence[MaterializedView],
    book: UseBook,
    scans: Mapping[str, datetime],
    next_id: NextId,
) -> Iterator[ViewUseFact]:
    for view in views:
        uses = book.of(view.full_name)
        backing = f"{view.database_name}.{view.schema_name}.{view.backing_table}".casefold()
        yield ViewUseFact(
            fact_id=next_id(),
            view=view,
            last_read=_later(uses.last_read, scans.get(backing)),
            reading_patterns=len(uses.readers),
            are_steps_known=bool(scans),
        )


def _own_name(name: str) -> str:
    """`schema.table` of `db.schema.table`."""
    return ".".join(name.lower().split(".")[-2:])


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
