"""Who reads and writes a table, by which columns it is joined and filtered, weighed by time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from backend.domain.table_design import short_name
from backend.domain.table_use import FilterKind, TableJoin, TableUse, WriteKind
from workbench.presenters.wording import Formats, count, duration, number_of, table_per_cent

KIND_WORDS = {
    FilterKind.EQUALITY: "=",
    FilterKind.LIST: "IN",
    FilterKind.RANGE: "range",
    FilterKind.WRAPPED: "in a function",
    FilterKind.OTHER: "other",
}

WRITE_WORDS = {
    WriteKind.INSERT: "inserts",
    WriteKind.COPY: "loads",
    WriteKind.UPDATE: "updates",
    WriteKind.DELETE: "deletes",
    WriteKind.MERGE: "merges",
    WriteKind.CREATE: "makes it anew",
}


@dataclass(frozen=True, kw_only=True)
class UseScreen:
    """Tables that keep numbers; `query_hashes` are those of the readers, row by row."""

    caption: str
    readers: pd.DataFrame
    reader_formats: Formats
    query_hashes: tuple[str, ...]
    joins: pd.DataFrame
    join_formats: Formats
    filters: pd.DataFrame
    filter_formats: Formats


def use_screen(
    table_name: str, uses: Sequence[TableUse], patterns: int, names: Mapping[str, str]
) -> UseScreen:
    """`uses` are the heaviest of `patterns`; `names` are those of the statements by hash."""
    shown = (
        number_of(patterns, "pattern")
        if len(uses) >= patterns
        else f"the {count(len(uses))} heaviest of {count(patterns)} patterns"
    )
    return UseScreen(
        caption=(
            f"Of {shown}. Seconds are a week's; a segment that works for several tables counts for "
            "each of them."
        ),
        readers=_readers(uses, names),
        reader_formats={"time": duration, "read": _count, "kept": _share},
        query_hashes=tuple(use.query_hash for use in uses),
        joins=_joins(table_name, uses),
        join_formats={"moving": duration, "joining": duration, "moved": _count},
        filters=_filters(uses),
        filter_formats={"time": duration, "kept": _share},
    )


def _readers(uses: Sequence[TableUse], names: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pattern": [names.get(use.query_hash) or use.query_hash for use in uses],
            "time": [use.seconds_a_week for use in uses],
            "measured": ["Measured" if use.is_measured else "Estimated" for use in uses],
            "does": [_does(use) for use in uses],
            "read": [use.scan.rows_read if use.scan else None for use in uses],
            "kept": [use.scan.kept_share if use.scan else None for use in uses],
            "skips": [_skips(use) for use in uses],
            "runs": [use.runs for use in uses],
        }
    )


def _does(use: TableUse) -> str:
    return WRITE_WORDS[use.write] if use.write else "reads"


def _skips(use: TableUse) -> str:
    if use.scan is None or use.scan.is_range_restricted is None:
        return "not recorded"
    return "yes" if use.scan.is_range_restricted else "no"


@dataclass
class _JoinSum:
    moving: float = 0.0
    joining: float = 0.0
    moved: int = 0
    patterns: set[str] = field(default_factory=set)
    movements: set[str] = field(default_factory=set)


def _joins(table_name: str, uses: Iterable[TableUse]) -> pd.DataFrame:
    """By the table's own column and its partner's, the costliest first."""
    sums: dict[tuple[str, str], _JoinSum] = defaultdict(_JoinSum)
    for use in uses:
        for join in use.joins:
            for own, partner in _pairs(table_name, join):
                total = sums[own, partner]
                total.moving += join.moving_seconds / use.weeks
                total.joining += join.join_seconds / use.weeks
                total.moved = max(total.moved, join.rows_moved)
                total.patterns.add(use.query_hash)
                total.movements.add(join.movement.value if join.movement else "no plan")
    ordered = sorted(sums.items(), key=lambda each: (-each[1].moving, -each[1].joining, each[0]))
    return pd.DataFrame(
        {
            "column": [own for (own, _), _ in ordered],
            "partner": [partner for (_, partner), _ in ordered],
            "movement": [", ".join(sorted(total.movements)) for _, total in ordered],
            "moving": [total.moving for _, total in ordered],
            "moved": [total.moved for _, total in ordered],
            "joining": [total.joining for _, total in ordered],
            "patterns": [len(total.patterns) for _, total in ordered],
        }
    )


def _pairs(table_name: str, join: TableJoin) -> list[tuple[str, str]]:
    found = []
    for left, right in join.pairs:
        for own, partner in ((left, right), (right, left)):
            if own is not None and own.table_name == table_name:
                named = (
                    f"{short_name(partner.table_name)}.{partner.column_name}"
                    if partner
                    else "an intermediate result"
                )
                found.append((own.column_name, named))
    return list(dict.fromkeys(found)) or [("–", "compared with all rows of the other side")]


@dataclass
class _FilterSum:
    seconds: float = 0.0
    read: int = 0
    kept: int = 0
    patterns: set[str] = field(default_factory=set)


def _filters(uses: Iterable[TableUse]) -> pd.DataFrame:
    sums: dict[tuple[str, FilterKind], _FilterSum] = defaultdict(_FilterSum)
    for use in uses:
        for each in use.filters:
            total = sums[each.column_name, each.kind]
            total.patterns.add(use.query_hash)
            if use.scan:
                total.seconds += use.scan.seconds / use.weeks
                total.read += use.scan.rows_read or 0
                total.kept += use.scan.rows_kept or 0
    ordered = sorted(sums.items(), key=lambda each: (-each[1].seconds, each[0]))
    return pd.DataFrame(
        {
            "column": [column for (column, _), _ in ordered],
            "kind": [KIND_WORDS[kind] for (_, kind), _ in ordered],
            "time": [total.seconds for _, total in ordered],
            "kept": [total.kept / total.read if total.read else None for _, total in ordered],
            "order": [
                "can be used" if kind.can_use_order else "is no help" for (_, kind), _ in ordered
            ],
            "patterns": [len(total.patterns) for _, total in ordered],
        }
    )


def _count(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else count(value)


def _share(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else table_per_cent(value)
