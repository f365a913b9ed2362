"""Processes killed in the middle of their work, and what the next one finds."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import RecommendationFilter
from backend.domain.review_job import JobState
from backend.panel.rules import rules_panel
from backend.services.marks_key import KEY_BYTES
from backend.services.ports import PatternRuns
from backend.services.review_jobs import ReviewWorker, request_review
from tests.builders import A_MOMENT, a_hash, a_pattern, some_runs
from tests.e2e.exports import write_exports

PROJECT = Path(__file__).parents[2]
LEASE_SECONDS = 60
ALL = PatternFilter()

WORK_A_JOB_AND_HANG = """
import sys, time
from pathlib import Path
from backend.adapters.sqlite import open_sqlite_history
from backend.domain.review_job import JobStage
from backend.panel.rules import rules_panel
from backend.services import review_jobs
from backend.services.review_pattern import review_pattern
from tests.builders import A_MOMENT

def hang_in(job, *, on_stage, **others):
    def and_hang(stage):
        on_stage(stage)
        if stage == sys.argv[2]:
            print("hangs", flush=True)
            time.sleep(600)
    review = review_pattern(job, on_stage=and_hang, **others)
    print("hangs", flush=True)
    time.sleep(600)

review_jobs.review_pattern = hang_in
store = open_sqlite_history(Path(sys.argv[1]))
worker = review_jobs.ReviewWorker(
    store, rules_panel(), lambda: A_MOMENT, "killed", lease_seconds=60
)
worker.work_once()
"""

LOAD_SAMPLE = """
import sys, time
from dataclasses import replace
from pathlib import Path
from backend import wiring
from tests.builders import A_MOMENT

def tell(progress):
    if f"{progress.stage} {progress.done}" == sys.argv[2]:
        print("hangs", flush=True)
        time.sleep(600)
workbench = replace(wiring.open_workbench(Path(sys.argv[1])), clock=lambda: A_MOMENT)
wiring.load_sample_if_empty(workbench, tell)
"""

IMPORT = """
import sys, time
from pathlib import Path
from backend import wiring
from backend.services.import_view_export import import_view_export
from tests.builders import A_MOMENT

def tell(progress):
    if progress.stage == sys.argv[3]:
        print("hangs", flush=True)
        time.sleep(600)
workbench = wiring.open_workbench(Path(sys.argv[1]))
export = wiring.open_export(Path(sys.argv[2]))
import_view_export(
    export,
    store=workbench.store,
    now=A_MOMENT,
    marks_key=workbench.marks_key,
    on_progress=tell,
)
"""
NEVER = "never"


def started(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_where_it_hangs(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert process.stdout.readline() == "hangs\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


def run_to_its_end(script: str, *arguments: object) -> None:
    process = started(script, *arguments, NEVER)
    process.communicate(timeout=120)
    assert process.returncode == 0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteHistory]:
    store = open_sqlite_history(tmp_path / "history.sqlite3")
    yield store
    store.close()


@pytest.mark.parametrize("stage", ["checks", "save", "saved"])
def test_a_review_whose_worker_was_killed_is_made_once_by_the_next(
    store: SqliteHistory, tmp_path: Path, stage: str
):
    runs = some_runs(50, every=timedelta(hours=1))
    store.add_runs([PatternRuns(pattern=a_pattern(), runs=runs)], source="export")
    job, _ = request_review(a_hash(), store=store, clock=lambda: A_MOMENT)
    kill_where_it_hangs(started(WORK_A_JOB_AND_HANG, tmp_path / "history.sqlite3", stage))

    within_lease = A_MOMENT + timedelta(seconds=LEASE_SECONDS - 1)
    too_early = ReviewWorker(store, rules_panel(), lambda: within_lease, "next").work_once()
    after_lease = A_MOMENT + timedelta(seconds=LEASE_SECONDS + 1)
    taken_over = ReviewWorker(store, rules_panel(), lambda: after_lease, "next").work_once()

    assert (too_early, taken_over) == (False, True)
    assert store.job(job.job_id).state is JobState.DONE
    assert store.review_count() == 1
    assert len(store.reviews_of(a_hash()).items) == 1
    assert store.active_job(a_hash()) is None


@pytest.mark.slow
def test_a_sample_whose_loading_was_killed_is_loaded_again_from_the_start(tmp_path: Path):
    give_both_one_key(tmp_path)
    run_to_its_end(LOAD_SAMPLE, tmp_path / "whole")

    for step in ("import 0", "review 40", "triage 0"):
        kill_where_it_hangs(started(LOAD_SAMPLE, tmp_path / "killed", step))
    run_to_its_end(LOAD_SAMPLE, tmp_path / "killed")

    assert content_of(tmp_path / "killed") == content_of(tmp_path / "whole")
    assert content_of(tmp_path / "killed")["origin"] == "sample"


@pytest.mark.slow
@pytest.mark.parametrize(
    "stage",
    ["history", "storing runs", "slow-downs", "plans and steps of slow and fast runs", "tables"],
)
def test_an_import_that_was_killed_gives_the_same_when_it_is_repeated(tmp_path: Path, stage: str):
    exports = tmp_path / "exports"
    write_exports(exports, literal="x@example.com")
    give_both_one_key(tmp_path)
    run_to_its_end(IMPORT, tmp_path / "whole", exports)

    kill_where_it_hangs(started(IMPORT, tmp_path / "killed", exports, stage))
    run_to_its_end(IMPORT, tmp_path / "killed", exports)

    assert content_of(tmp_path / "killed") == content_of(tmp_path / "whole")


def give_both_one_key(tmp_path: Path) -> None:
    """The marks of literals depend on the key of a data folder."""
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "marks.key").write_bytes(bytes(KEY_BYTES))


def content_of(data_dir: Path) -> dict[str, object]:
    """All but the moments at which things were written."""
    store = open_sqlite_history(data_dir / "history.sqlite3")
    try:
        hashes = [row.pattern.query_hash for row in store.rank_patterns(ALL, limit=100).rows]
        return {
            "origin": store.note("origin"),
            "under_way": store.note("import_under_way") or "",
            "ranking": [
                (row.pattern, row.runs, row.total_elapsed_seconds)
                for row in store.rank_patterns(ALL, limit=100).rows
            ],
            "runs": [store.runs_of(query_hash).query_id.tolist() for query_hash in hashes],
            "evidence": [
                evidence and (evidence.plan, evidence.steps, evidence.alerts)
                for evidence in map(store.evidence, hashes)
            ],
            "reviews": store.review_count(),
            "advice": [
                (entry.recommendation, entry.state, entry.raised_first)
                for entry in store.each_recommendation(RecommendationFilter())
            ],
        }
    finally:
        store.close()
