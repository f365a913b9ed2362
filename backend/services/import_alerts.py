"""Alerts of STL_ALERT_EVENT_LOG, sorted to the patterns that they are about."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from backend.domain.evidence import PlannerAlert
from backend.services.import_patterns import PatternBook
from backend.services.view_export import AlertRow
from backend.sql.scanner import unescape
from backend.sql.scrub import mask_text

ALERTS_A_PATTERN_AT_MOST = 50


@dataclass(frozen=True, kw_only=True)
class SortedAlerts:
    """Alerts by pattern, and how many rows nothing ties to one."""

    by_pattern: dict[str, tuple[PlannerAlert, ...]]
    kept_apart: int


def sort_alerts(
    rows: Iterable[AlertRow], *, book: PatternBook, pattern_of_native: dict[str, str]
) -> SortedAlerts:
    """By a hash or text that the exporter added; never by the query id, see AlertRow."""
    kept_apart = 0
    first_of: dict[tuple[str, str, str], int] = {}
    occurrences: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        query_hash = _pattern_of(row, book, pattern_of_native)
        if query_hash is None:
            kept_apart += 1
            continue
        key = (query_hash, mask_text(row.event), mask_text(row.solution))
        first_of.setdefault(key, row.query_id)
        occurrences[key] += 1
    by_pattern: dict[str, list[PlannerAlert]] = {}
    for (query_hash, event, solution), count in occurrences.most_common():
        alerts = by_pattern.setdefault(query_hash, [])
        if len(alerts) < ALERTS_A_PATTERN_AT_MOST:
            alerts.append(
                PlannerAlert(
                    query_id=first_of[query_hash, event, solution],
                    event=event,
                    solution=solution,
                    occurrences=count,
                )
            )
    return SortedAlerts(
        by_pattern={query_hash: tuple(alerts) for query_hash, alerts in by_pattern.items()},
        kept_apart=kept_apart,
    )


def _pattern_of(row: AlertRow, book: PatternBook, pattern_of_native: dict[str, str]) -> str | None:
    if row.query_hash in book.seen:
        return row.query_hash
    if row.native_hash in pattern_of_native:
        return pattern_of_native[row.native_hash]
    if row.query_text:
        query_hash = book.query_hash(unescape(row.query_text))
        return query_hash if query_hash in book.seen else None
    return None
