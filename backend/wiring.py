"""Chooses the adapters and puts the parts together. The only module that does."""

import fcntl
import functools
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from backend.adapters.folder import open_export_folder
from backend.adapters.local_key import read_or_make_key
from backend.adapters.parquet.recommendations_file import write_recommendations
from backend.adapters.sqlite import open_sqlite_history
from backend.adapters.sqlite.raw_text import delete_raw_texts, open_raw_texts
from backend.domain.money import Prices
from backend.domain.plan import Plan
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.panel.outbound.gate import GateRules
from backend.panel.panel import Panel
from backend.panel.rules import rules_panel
from backend.sample import write_sample_export
from backend.services.all_thresholds import all_thresholds
from backend.services.explain_on_cluster import explain_on_cluster
from backend.services.keep_receipts import forget_old_receipts
from backend.services.load_sample import (
    LOADED,
    LOADING,
    ORIGIN_NOTE,
    LoadedSample,
    OnSampleProgress,
    load_sample,
)
from backend.services.marks_key import KEY_BYTES, remember_marks_key
from backend.services.outbound_view import OutboundView
from backend.services.ports import Clock, HistoryStore
from backend.services.raw_text import NoRawTexts, RawTextKeeper, RawTextStore
from backend.services.records import RecommendationRecord
from backend.services.review_jobs import ReviewWorker
from backend.services.view_export import ViewExport
from backend.settings import SettingError, Settings, read_settings

_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True, eq=False)
class Workbench:
    """The parts of one workbench; the store may be used from any thread."""

    settings: Settings
    store: HistoryStore
    panel: Panel
    clock: Clock
    marks_key: bytes = field(repr=False)
    raw_texts: RawTextStore = field(default_factory=NoRawTexts)
    limits: Limits = DEFAULT_LIMITS
    prices: Prices | None = None


def utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock that everything else is handed


def open_workbench(data_dir: Path | None = None) -> Workbench:
    """The workbench on this data folder, opened once a process. `data_dir` beats the environment.

    Raises StoreUnavailableError or SettingError.
    """
    settings = read_settings(data_dir)
    with _lock:
        return _workbench_in(settings.storage.folder.resolve())


@functools.cache
def _workbench_in(folder: Path) -> Workbench:
    settings = read_settings(folder)
    store = open_sqlite_history(settings.storage.history_file)
    marks_key = read_or_make_key(settings.storage.marks_key_file, KEY_BYTES)
    remember_marks_key(store, marks_key)
    forget_old_receipts(store, now=utc_now(), days=settings.outbound.receipt_days)
    return Workbench(
        settings=settings,
        store=store,
        marks_key=marks_key,
        raw_texts=open_raw_texts(
            settings.storage.raw_text_file, days=settings.storage.raw_text_days, now=utc_now()
        ),
        panel=choose_panel(),
        clock=utc_now,
        limits=choose_limits(settings),
        prices=settings.prices,
    )


def choose_panel() -> Panel:
    """Rules, as long as no model is configured."""
    return rules_panel()


def outbound_view(workbench: Workbench) -> OutboundView:
    """What models were given, and would be given by the present settings."""
    return OutboundView(
        store=workbench.store,
        rules=GateRules(
            marks_key=workbench.marks_key,
            aliases_names=workbench.settings.outbound.alias_names,
        ),
    )


def choose_limits(settings: Settings) -> Limits:
    """The thresholds in force. Raises SettingError for one that nothing compares with."""
    known = all_thresholds()
    for name in settings.thresholds:
        if name not in known:
            raise SettingError(
                f"{settings.storage.config_file}: there is no threshold {name}."
                " `workbench checks` lists them."
            )
    return Limits(tuple(sorted(settings.thresholds.items())))


def review_worker(workbench: Workbench, name: str) -> ReviewWorker:
    """The worker of this process for that store, made once; the caller starts it."""
    with _lock:
        return _worker_of(workbench, name)


@functools.cache
def _worker_of(workbench: Workbench, name: str) -> ReviewWorker:
    return ReviewWorker(
        store=workbench.store,
        panel=workbench.panel,
        clock=workbench.clock,
        limits=workbench.limits,
        prices=workbench.prices,
        # Leases are held by name: two processes must not share one.
        name=f"{name}-{os.getpid()}",
    )


def explain(workbench: Workbench, sql: str) -> Plan:
    """The plan that the cluster would choose now. No adapter connects to a cluster yet, so that
    even with the setting on it raises NoClusterError; else as explain_on_cluster."""
    is_on = workbench.settings.explain.explain_on_cluster
    return explain_on_cluster(sql, is_on=is_on, cluster=None)


def raw_text_keeper(workbench: Workbench) -> RawTextKeeper | None:
    """For one import; None where the setting keeps no raw text."""
    days = workbench.settings.storage.raw_text_days
    return RawTextKeeper(workbench.raw_texts, now=workbench.clock(), days=days) if days else None


def forget_raw_texts(settings: Settings) -> None:
    """All of them, with their file. Raises StoreUnavailableError."""
    delete_raw_texts(settings.storage.raw_text_file)


def open_export(path: Path) -> ViewExport:
    return open_export_folder(path)


@contextmanager
def scratch_store() -> Iterator[HistoryStore]:
    """An empty store that is gone afterwards, for trying something out."""
    with tempfile.TemporaryDirectory(prefix="workbench-scratch-") as folder:
        store = open_sqlite_history(Path(folder) / "history.sqlite3")
        try:
            yield store
        finally:
            store.close()


def write_parquet(records: Iterable[RecommendationRecord], path: Path) -> None:
    write_recommendations(records, path)


def load_sample_if_empty(
    workbench: Workbench, on_progress: OnSampleProgress | None = None
) -> LoadedSample | None:
    """Fills an empty store, or one whose sample was left half loaded; None if there was data."""
    store = workbench.store
    with _one_process_at_a_time(workbench.settings.storage.folder / "sample.lock"):
        if store.note(ORIGIN_NOTE) == LOADING:
            store.clear()
        elif store.known_names().first_day is not None:
            return None
        with tempfile.TemporaryDirectory(prefix="workbench-sample-") as work_folder:
            return load_sample(
                store=store,
                panel=workbench.panel,
                limits=workbench.limits,
                prices=workbench.prices,
                open_export=open_export,
                write_sample=write_sample_export,
                work_folder=Path(work_folder),
                now=workbench.clock(),
                marks_key=workbench.marks_key,
                on_progress=on_progress,
            )


def remove_sample(workbench: Workbench) -> None:
    """Empties a store that holds the sample; waits for a process that is just loading it."""
    store = workbench.store
    with _one_process_at_a_time(workbench.settings.storage.folder / "sample.lock"):
        if store.note(ORIGIN_NOTE) in {LOADING, LOADED}:
            store.clear()


@contextmanager
def _one_process_at_a_time(lock_file: Path) -> Iterator[None]:
    """Waits for the others; the system lets go of the lock when its process ends, however."""
    with lock_file.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
