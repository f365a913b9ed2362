"""Reviews in the background: asked for once, worked by whichever process is free."""

import logging
import threading
import uuid

from backend.domain.errors import WorkbenchError
from backend.domain.money import Prices
from backend.domain.review_job import JobStage, ReviewJob
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.panel.panel import Panel
from backend.services.ports import Clock, HistoryStore
from backend.services.review_pattern import review_pattern
from backend.services.review_tables import review_tables

logger = logging.getLogger(__name__)

HEARTBEATS_A_LEASE = 3
STOP_WAITS_SECONDS = 2.0


def request_review(query_hash: str, *, store: HistoryStore, clock: Clock) -> tuple[ReviewJob, bool]:
    """The pattern's active job, or a new one (True). Raises UnknownPatternError."""
    store.pattern(query_hash)
    return store.start_job(query_hash, job_id=uuid.uuid4().hex, at=clock())


class LeaseLostError(WorkbenchError):
    """Another worker has taken this review over."""


class _Lease:
    """A claimed job, kept ours by reporting its stage again and again while it is worked."""

    def __init__(
        self, job: ReviewJob, *, store: HistoryStore, clock: Clock, worker: str, seconds: float
    ) -> None:
        self._job_id = job.job_id
        self._store = store
        self._clock = clock
        self._worker = worker
        self._seconds = seconds
        self._stage = JobStage.CASE_FILE
        self._is_lost = False
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat, name=f"{worker}-lease", daemon=True)

    def __enter__(self) -> "_Lease":
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._heart.join()

    def enter_stage(self, stage: JobStage) -> None:
        """Raises LeaseLostError if the job belongs to another worker by now."""
        with self._turn:
            self._stage = stage
            self._renew()

    def _renew(self) -> None:
        self._is_lost = self._is_lost or not self._store.report_stage(
            self._job_id,
            self._stage,
            worker=self._worker,
            at=self._clock(),
            lease_seconds=self._seconds,
        )
        if self._is_lost:
            raise LeaseLostError

    def _beat(self) -> None:
        while not self._ended.wait(self._seconds / HEARTBEATS_A_LEASE):
            try:
                with self._turn:
                    if not self._ended.is_set():
                        self._renew()
            except LeaseLostError:
                return
            except Exception as failure:  # noqa: BLE001 - a missed beat: the next may get through
                logger.warning(
                    "a review's lease could not be renewed",
                    extra={"job_id": self._job_id, "error": type(failure).__name__},
                )


class ReviewWorker:
    """Works the review jobs of a store in a thread of its own, one at a time.

    Any number of workers, in any number of processes, may share a store. What a killed worker
    leaves behind is taken up by another one when its lease is over.
    """

    def __init__(
        self,
        store: HistoryStore,
        panel: Panel,
        clock: Clock,
        name: str,
        *,
        limits: Limits = DEFAULT_LIMITS,
        prices: Prices | None = None,
        lease_seconds: float = 60,
        poll_seconds: float = 1.0,
    ) -> None:
        self._store = store
        self._panel = panel
        self._clock = clock
        self._name = name
        self._limits = limits
        self._prices = prices
        self._lease_seconds = lease_seconds
        self._poll_seconds = poll_seconds
        self._has_reviewed = False
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def work_once(self) -> bool:
        """Works the next job to its end; False if there was none."""
        job = self._store.claim_job(
            worker=self._name, at=self._clock(), lease_seconds=self._lease_seconds
        )
        if job is None:
            return False
        try:
            error = self._work(job)
        except LeaseLostError:
            logger.warning("a review was taken over", extra={"job_id": job.job_id})
            return True
        self._store.finish_job(job.job_id, worker=self._name, at=self._clock(), error=error)
        self._has_reviewed = self._has_reviewed or error is None
        return True

    def _work(self, job: ReviewJob) -> str | None:
        """The sentence to fail the job with, or None when it is done."""
        lease = _Lease(
            job,
            store=self._store,
            clock=self._clock,
            worker=self._name,
            seconds=self._lease_seconds,
        )
        try:
            with lease:
                review_pattern(
                    job.query_hash,
                    store=self._store,
                    panel=self._panel,
                    analysis_timestamp=job.analysis_timestamp,
                    limits=self._limits,
                    prices=self._prices,
                    job_id=job.job_id,
                    on_stage=lease.enter_stage,
                )
        except LeaseLostError:
            raise
        except WorkbenchError as failure:
            return failure.message
        except Exception as failure:  # noqa: BLE001 - one review must not end the worker
            # Only the class is told: a message may hold SQL or a path.
            logger.warning(
                "a review failed",
                extra={"job_id": job.job_id, "error": type(failure).__name__},
            )
            return (
                f"The review failed for a reason inside the workbench ({type(failure).__name__})."
            )
        return None

    def start(self) -> None:
        """Starts the thread; does nothing while it runs."""
        with self._starting:
            if self.is_running:
                return
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Looks for a job now instead of at the next poll."""
        self._wanted.set()

    def stop(self) -> None:
        """Takes no further job and waits a moment for the present one.

        A review that takes longer is left to its lease: the next worker repeats it.
        """
        self._stopping.set()
        self._wanted.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=STOP_WAITS_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wanted.clear()
            if self._stopping.is_set() or self._has_worked():
                continue
            self.weigh_tables()
            self._wanted.wait(self._poll_seconds)

    def weigh_tables(self) -> bool:
        """Over all patterns, once no job is left of those that changed what is known of them."""
        if not self._has_reviewed:
            return False
        self._has_reviewed = False
        try:
            review_tables(
                store=self._store,
                analysis_timestamp=self._clock(),
                limits=self._limits,
                prices=self._prices,
            )
        except Exception as failure:  # noqa: BLE001 - the reviews are kept; the next one weighs anew
            logger.warning(
                "the tables could not be weighed",
                extra={"worker": self._name, "error": type(failure).__name__},
            )
            return False
        return True

    def _has_worked(self) -> bool:
        try:
            return self.work_once()
        except Exception as failure:  # noqa: BLE001 - the store may be back at the next poll
            logger.warning(
                "the review worker could not reach its store",
                extra={"worker": self._name, "error": type(failure).__name__},
            )
            return False
