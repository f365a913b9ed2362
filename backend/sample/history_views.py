"""Rows of SYS_QUERY_HISTORY and SYS_QUERY_TEXT."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

import numpy as np

from backend.sample.cost_model import CANCELED, FAILED, SUCCESS
from backend.sample.history import SampleHistory, forty_hex
from backend.sample.sample_pattern import SCALING_QUEUES, Failures, Queue, SamplePattern
from backend.sample.schedule import HOUR_US, Times
from backend.sample.story import NEW_VERSION, OLD_VERSION, storm_us, version_change_us

CHUNK_LENGTH = 4_000
FIRST_SESSION_ID = 1_073_801_000
OVERFLOW_HOURS = 83
STATUS_NAMES = {SUCCESS: "success", FAILED: "failed", CANCELED: "canceled"}

HISTORY_COLUMNS = (
    "user_id", "query_id", "query_label", "transaction_id", "session_id", "database_name",
    "query_type", "status", "result_cache_hit", "start_time", "end_time", "elapsed_time",
    "queue_time", "execution_time", "error_message", "returned_rows", "returned_bytes",
    "query_text", "redshift_version", "usage_limit", "compute_type", "compile_time",
    "planning_time", "lock_wait_time", "service_class_id", "service_class_name",
    "query_priority", "short_query_accelerated", "user_query_hash", "generic_query_hash",
    "query_hash_version", "result_cache_query_id", "username",
)  # fmt: skip
TEXT_COLUMNS = (
    "user_id", "query_id", "transaction_id", "session_id", "start_time", "sequence", "text",
)  # fmt: skip


def timestamps(moments_us: Times) -> list[str]:
    """As Redshift prints them: 2026-11-08 07:32:34.479897."""
    texts = np.datetime_as_string(moments_us.astype("datetime64[us]"), unit="us")
    return [text.replace("T", " ") for text in texts.tolist()]


def escaped(text: str) -> str:
    """The views show line breaks and backslashes as two characters."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def chunks(text: str) -> list[str]:
    """Of 4,000 characters each, blanks at their ends lost as in any CHAR column."""
    whole = escaped(text)
    return [
        whole[start : start + CHUNK_LENGTH].rstrip(" ")
        for start in range(0, len(whole), CHUNK_LENGTH)
    ]


def history_rows(history: SampleHistory) -> Iterable[Sequence[object]]:
    columns = {**_who_and_where(history), **_what(history), **_how_long(history)}
    return zip(*(columns[name] for name in HISTORY_COLUMNS), strict=True)


def text_rows(history: SampleHistory) -> Iterator[Sequence[object]]:
    """Every run's whole text, as many rows as it has chunks."""
    chunks_of = [[chunks(text) for text in texts] for texts in history.texts]
    who = _who_and_where(history)
    for position, variant, *keys in zip(
        history.pattern_of.tolist(),
        history.column("variant").tolist(),
        *(who[name] for name in TEXT_COLUMNS[:5]),
        strict=True,
    ):
        for sequence, chunk in enumerate(chunks_of[position][variant]):
            yield (*keys, sequence, chunk)


def _who_and_where(history: SampleHistory) -> dict[str, list[object]]:
    name_of = {user_id: name for name, user_id in history.user_ids().items()}
    user_ids = np.concatenate(
        [history.user_ids_of(position) for position in range(len(history.patterns))]
    )[history.order]
    sessions = FIRST_SESSION_ID + user_ids * 97 + history.query_id % 61
    return {
        "user_id": user_ids.tolist(),
        "username": [name_of[user_id] for user_id in user_ids.tolist()],
        "query_id": history.query_id.tolist(),
        "transaction_id": (history.query_id + 77).tolist(),
        "session_id": sessions.tolist(),
        "database_name": _by_pattern(history, lambda pattern: pattern.database),
        "query_label": _by_pattern(history, lambda pattern: pattern.label),
        "usage_limit": [""] * len(history),
        "compute_type": _compute_types(history),
        "service_class_id": _by_pattern(history, lambda pattern: pattern.queue.service_class),
        "service_class_name": _by_pattern(history, lambda pattern: pattern.queue.title),
        "query_priority": _by_pattern(history, lambda pattern: pattern.queue.priority),
        "short_query_accelerated": _by_pattern(
            history, lambda pattern: "true" if pattern.queue is Queue.SHORT else "false"
        ),
        "start_time": list(timestamps(history.started_us)),
    }


def _compute_types(history: SampleHistory) -> list[object]:
    """From the storm on, readers overflow to a second cluster for three days and a half."""
    begins, _ = storm_us(history.last_day)
    is_storm = (history.started_us >= begins) & (
        history.started_us < begins + OVERFLOW_HOURS * HOUR_US
    )
    can_scale = [
        part.pattern.queue in SCALING_QUEUES and part.pattern.query_type == "SELECT"
        for part in history.patterns
    ]
    is_scaled = is_storm & np.array(can_scale)[history.pattern_of]
    return ["secondary" if scaled else "primary" for scaled in is_scaled.tolist()]


def _what(history: SampleHistory) -> dict[str, list[object]]:
    is_new = history.started_us >= version_change_us(history.last_day)
    versions = np.where(is_new, 2, 1).tolist()
    text_hash = _by_text(history, forty_hex)
    status = history.column("status").tolist()
    rows = history.column("returned_rows")
    row_bytes = np.array([part.pattern.row_bytes for part in history.patterns])
    is_hit = history.column("is_cache_hit").tolist()
    return {
        "query_type": _by_pattern(history, lambda pattern: pattern.query_type),
        "query_text": _by_text(history, lambda text: chunks(text)[0]),
        "user_query_hash": text_hash,
        "generic_query_hash": [
            native_hash(name, version)
            for name, version in zip(
                _by_pattern(history, lambda pattern: pattern.name), versions, strict=True
            )
        ],
        "query_hash_version": versions,
        "redshift_version": np.where(is_new, NEW_VERSION, OLD_VERSION).tolist(),
        "status": [STATUS_NAMES[code] for code in status],
        "error_message": [
            _message(history.patterns[position].pattern.failures, code)
            for position, code in zip(history.pattern_of.tolist(), status, strict=True)
        ],
        "returned_rows": rows.tolist(),
        "returned_bytes": (rows * row_bytes[history.pattern_of]).tolist(),
        "result_cache_hit": ["true" if hit else "false" for hit in is_hit],
        "result_cache_query_id": list(_cache_sources(history, text_hash, is_hit)),
    }


def _how_long(history: SampleHistory) -> dict[str, list[object]]:
    elapsed = history.column("elapsed_us")
    return {
        "end_time": list(timestamps(history.started_us + elapsed)),
        "elapsed_time": elapsed.tolist(),
        "queue_time": history.column("queue_us").tolist(),
        "planning_time": history.column("planning_us").tolist(),
        "compile_time": history.column("compile_us").tolist(),
        "lock_wait_time": history.column("lock_wait_us").tolist(),
        "execution_time": history.column("execution_us").tolist(),
    }


@cache
def native_hash(name: object, version: int) -> str:
    """What Redshift would give the statement without its literals; another one each version."""
    return forty_hex(f"{name}/{version}")


def _by_pattern(history: SampleHistory, fact_of: Callable[[SamplePattern], object]) -> list[object]:
    facts = [fact_of(part.pattern) for part in history.patterns]
    return [facts[position] for position in history.pattern_of.tolist()]


def _by_text(history: SampleHistory, fact_of: Callable[[str], object]) -> list[object]:
    facts = [[fact_of(text) for text in texts] for texts in history.texts]
    return [
        facts[position][variant]
        for position, variant in zip(
            history.pattern_of.tolist(), history.column("variant").tolist(), strict=True
        )
    ]


def _message(failures: Failures, status: int) -> str:
    return {FAILED: failures.message, CANCELED: failures.canceled_message}.get(status, "")


def _cache_sources(
    history: SampleHistory, text_hash: Sequence[object], is_hit: Sequence[bool]
) -> Iterator[object]:
    """The run that a cached result came from; empty for runs that did the work themselves."""
    worked: dict[object, int] = {}
    for query_id, key, hit in zip(history.query_id.tolist(), text_hash, is_hit, strict=True):
        if hit:
            yield worked.get(key, query_id - 1)
        else:
            worked[key] = query_id
            yield ""
