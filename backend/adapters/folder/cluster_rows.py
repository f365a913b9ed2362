"""Rows of the views on materialized views, queues and Serverless, from typed blocks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.adapters.folder.evidence_rows import each_once, good_rows
from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.view_columns import (
    QUEUES,
    RULES,
    SERVERLESS,
    SLICES,
    VIEW_INFO,
    VIEW_REFRESHES,
)
from backend.domain.cluster_use import (
    AUTOMATIC_CLASSES,
    MANUAL_CLASSES,
    SQA_CLASS,
    MonitoringRule,
    Queue,
    ServerlessHour,
)
from backend.domain.materialized_view import MaterializedView, Refreshes
from backend.services.view_export import OnProblem
from backend.sql.personal_data import mask_personal_data
from backend.sql.scrub import mask_text

_Files = Sequence[ExportFile]
_ViewKey = tuple[str, str, str]

_TRUE = frozenset({"t", "true", "1", "y", "yes"})
_FALSE = frozenset({"f", "false", "0", "n", "no"})
_DATA_SLICES = frozenset({"", "d"})
_SCALING_ON = frozenset({"auto", "on", "true", "t"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_US = 3_600_000_000
CAPACITIES_AN_HOUR = 60


def materialized_views(
    info_files: _Files, refresh_files: _Files, on_problem: OnProblem
) -> Iterator[MaterializedView]:
    refreshes: dict[_ViewKey, Refreshes] = {}
    for row in each_once(refresh_files, VIEW_REFRESHES, on_problem):
        key = (row["database_name"], row["schema_name"], row["mv_name"])
        refreshes[key] = _with(refreshes.get(key, Refreshes()), row)
    for row in good_rows(info_files, VIEW_INFO, on_problem):
        key = (row["database_name"], row["schema_name"], row["name"])
        yield MaterializedView(
            database_name=key[0],
            schema_name=key[1],
            name=key[2],
            state=row["state"],
            is_stale=_flag(row["is_stale"]),
            is_rewrite_enabled=_flag(row["autorewrite"]) is True,
            is_auto_refreshed=_flag(row["autorefresh"]) is True,
            refreshes=refreshes.get(key, Refreshes()),
        )


def _with(known: Refreshes, row: dict[str, Any]) -> Refreshes:
    """With one more refresh; its status is a sentence (SVL_MV_REFRESH_STATUS) and is not kept."""
    status = row["status"].lower()
    seconds = max(row["duration"] or 0, 0) / 1e6
    if "from scratch" in status:
        known = replace(known, full=known.full + 1, full_seconds=known.full_seconds + seconds)
    elif "incrementally" in status:
        known = replace(
            known,
            incremental=known.incremental + 1,
            incremental_seconds=known.incremental_seconds + seconds,
        )
    elif "already updated" in status:
        known = replace(known, unchanged=known.unchanged + 1)
    elif "fail" in status or "abort" in status or "unrefreshable" in status:
        return replace(known, failed=known.failed + 1)
    if row["start_time"] is None:
        return known
    at = _EPOCH + timedelta(microseconds=row["start_time"])
    return replace(known, last_at=max(known.last_at or at, at))


def _flag(text: str) -> bool | None:
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return True
    return False if lowered in _FALSE else None


def queues(queue_files: _Files, rule_files: _Files, on_problem: OnProblem) -> Iterator[Queue]:
    rules_of: dict[int, list[MonitoringRule]] = {}
    for row in good_rows(rule_files, RULES, on_problem):
        rules_of.setdefault(row["service_class"], []).append(
            MonitoringRule(
                rule_name=mask_text(row["rule_name"]),
                action=mask_personal_data(row["action"]),
                metric_name=mask_personal_data(row["metric_name"]),
                metric_operator=mask_personal_data(row["metric_operator"]),
                metric_value=row["metric_value"] or 0.0,
            )
        )
    for row in good_rows(queue_files, QUEUES, on_problem):
        number = row["service_class"]
        if number not in MANUAL_CLASSES and number not in AUTOMATIC_CLASSES and number != SQA_CLASS:
            continue
        slots = row["num_query_tasks"]
        yield Queue(
            service_class=number,
            name=mask_text(row["name"]),
            slots=slots if slots is not None and slots >= 0 else None,
            priority=mask_personal_data(row["query_priority"]).lower(),
            has_concurrency_scaling=row["concurrency_scaling"].lower() in _SCALING_ON,
            rules=tuple(rules_of.get(number, ())),
        )


def slice_count(files: _Files, on_problem: OnProblem) -> int | None:
    """Slices of type D hold data; older patches do not tell types apart."""
    slices = {
        row["slice"]
        for row in good_rows(files, SLICES, on_problem)
        if row["type"].strip().lower() in _DATA_SLICES
    }
    return len(slices) or None


@dataclass(slots=True)
class _Minutes:
    """What an hour's minutes add up to."""

    minutes: int = 0
    compute_seconds: float = 0.0
    charged_seconds: float = 0.0
    charged_minutes: int = 0
    capacities: Counter[float] = field(default_factory=Counter)


def serverless_hours(files: _Files, on_problem: OnProblem) -> Iterator[ServerlessHour]:
    """Oldest first; a minute that the export holds twice counts once."""
    seen: set[int] = set()
    hours: dict[int, _Minutes] = {}
    for row in good_rows(files, SERVERLESS, on_problem):
        if row["start_time"] in seen:
            continue
        seen.add(row["start_time"])
        hour = hours.setdefault(row["start_time"] // _HOUR_US, _Minutes())
        compute, charged = row["compute_seconds"] or 0.0, row["charged_seconds"] or 0.0
        hour.minutes += 1
        hour.compute_seconds += max(compute, 0.0)
        hour.charged_seconds += max(charged, 0.0)
        hour.charged_minutes += charged > 0
        if compute > 0 and (row["compute_capacity"] or 0.0) > 0:
            hour.capacities[round(row["compute_capacity"], 1)] += 1
    for number in sorted(hours):
        hour = hours[number]
        yield ServerlessHour(
            hour=_EPOCH + timedelta(hours=number),
            minutes=hour.minutes,
            compute_seconds=hour.compute_seconds,
            charged_seconds=hour.charged_seconds,
            charged_minutes=hour.charged_minutes,
            capacities=tuple(sorted(hour.capacities.most_common(CAPACITIES_AN_HOUR))),
        )
