"""Several processes on one file, and processes that end in the middle of a write."""

import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest

from backend.adapters.sqlite import open_sqlite_history
from backend.domain.errors import StoreUnavailableError
from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import RecommendationFilter
from backend.domain.runs import Runs
from tests.builders import a_hash
from tests.unit.sqlite.store_figures import assert_figures_fit_the_blocks

ADD_RUNS = """
import sys
from datetime import timedelta
from pathlib import Path
from backend.adapters.sqlite import open_sqlite_history
from backend.services.ports import PatternRuns
from tests.builders import a_hash, a_pattern, some_runs

store = open_sqlite_history(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for batch in range(4):
    store.add_runs(
        [
            PatternRuns(
                pattern=a_pattern(a_hash(number)),
                runs=some_runs(200, first_query_id=batch * 150, every=timedelta(minutes=20)),
            )
            for number in range(3)
        ],
        source=sys.argv[2],
    )
store.close()
"""

WRITE_UNTIL_KILLED = """
import sys
from datetime import timedelta
from pathlib import Path
from backend.adapters.sqlite import open_sqlite_history
from backend.services.ports import PatternRuns
from tests.builders import A_MOMENT, a_hash, a_pattern, a_recommendation, a_review, some_runs

store = open_sqlite_history(Path(sys.argv[1]))
first = int(sys.argv[2])
print("ready", flush=True)
for number in range(first, first + 10_000):
    runs = some_runs(300, first_query_id=number * 300, every=timedelta(minutes=9))
    parts = [PatternRuns(pattern=a_pattern(a_hash(n)), runs=runs) for n in (1, number % 7 + 2)]
    store.add_runs(parts, source=f"source {number % 2}")
    print(f"runs {number}", flush=True)
    advice = [a_recommendation(a_hash(number % 5), f"c{number % 3}")]
    moment = A_MOMENT + timedelta(minutes=number)
    store.put_review(a_review(a_hash(number % 5), moment, advice))
    print(f"review {number}", flush=True)
"""

ADD_MANY_DAYS = """
import sys
from datetime import timedelta
from pathlib import Path
from backend.adapters.sqlite import open_sqlite_history
from backend.services.ports import PatternRuns
from tests.builders import a_hash, a_pattern, some_runs

store = open_sqlite_history(Path(sys.argv[1]))
parts = [
    PatternRuns(
        pattern=a_pattern(a_hash(number)),
        runs=some_runs(120, every=timedelta(hours=7), label=[f"l{n % 3}" for n in range(120)]),
    )
    for number in range(40)
]
print("ready", flush=True)
store.add_runs(parts, source="export")
store.close()
"""

OPEN_STORE = """
import sys
from pathlib import Path
from backend.adapters.sqlite import open_sqlite_history

print("ready", flush=True)
sys.stdin.readline()
store = open_sqlite_history(Path(sys.argv[1]))
store.set_note(sys.argv[2], "was here")
store.close()
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def once(script: str, *arguments: object) -> None:
    process = start(script, *arguments)
    process.communicate(timeout=60)
    assert process.returncode == 0


def columns_of(runs: Runs) -> dict[str, list[object]]:
    return {field.name: getattr(runs, field.name).tolist() for field in fields(Runs)}


def run_at_once(script: str, path: Path, names: list[str]) -> None:
    processes = [start(script, path, name) for name in names]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0


def test_two_processes_adding_the_same_runs_keep_each_once(tmp_path):
    path = tmp_path / "history.sqlite"

    run_at_once(ADD_RUNS, path, ["export", "cluster"])

    # The starts are the same in every batch: only query ids tell the runs apart.
    assert assert_figures_fit_the_blocks(path) == 3 * 4 * 200
    store = open_sqlite_history(path)
    assert store.rank_patterns(PatternFilter(), limit=5).total_runs == 3 * 4 * 200
    store.close()


def test_several_processes_may_open_a_new_store_at_once(tmp_path):
    path = tmp_path / "history.sqlite"

    run_at_once(OPEN_STORE, path, ["a", "b", "c", "d"])

    store = open_sqlite_history(path)
    assert [store.note(name) for name in "abcd"] == ["was here"] * 4
    store.close()


def test_a_writer_killed_at_any_moment_loses_no_committed_write(tmp_path):
    path = tmp_path / "history.sqlite"
    known_reviews = known_runs = 0

    for kill_number in range(6):
        process = start(WRITE_UNTIL_KILLED, path, kill_number * 10_000)
        assert process.stdout.readline() == "ready\n"
        # On a busy machine the writer may not have begun: every other time it surely has.
        begun = ""
        while kill_number % 2 and "review" not in begun:
            begun += process.stdout.readline()
        time.sleep(0.05 + 0.043 * kill_number)
        process.send_signal(signal.SIGKILL)
        written = (begun + process.communicate(timeout=60)[0]).split("\n")[:-1]
        known_reviews += sum(line.startswith("review") for line in written)
        known_runs += 600 * sum(line.startswith("runs") for line in written)

        # What was said to be kept is there; of the write under way some days may be, too.
        runs = assert_figures_fit_the_blocks(path)
        store = open_sqlite_history(path)
        reviews = store.review_count()
        assert reviews - known_reviews in {0, 1}
        assert 0 <= runs - known_runs <= 600
        assert len(store.reviews_between(limit=100_000).items) == reviews
        entries = store.recommendation_count(RecommendationFilter())
        assert sum(count.count for count in store.daily_counts()) == entries
        assert store.rank_patterns(PatternFilter(), limit=1).total_runs == runs
        store.close()
        known_reviews, known_runs = reviews, runs
    assert known_reviews > 0


def test_runs_whose_adding_was_killed_are_complete_after_adding_them_again(tmp_path):
    path, whole_path = tmp_path / "killed.sqlite", tmp_path / "whole.sqlite"
    once(ADD_MANY_DAYS, whole_path)
    kept_after_kill = set()

    for attempt in range(60):
        if attempt >= 5 and len(kept_after_kill) > 1:
            break
        process = start(ADD_MANY_DAYS, path)
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.02 + 0.03 * attempt)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        kept_after_kill.add(assert_figures_fit_the_blocks(path))
    once(ADD_MANY_DAYS, path)

    assert len(kept_after_kill) > 1, "never killed in the middle of the adding"
    store, whole = open_sqlite_history(path), open_sqlite_history(whole_path)
    assert assert_figures_fit_the_blocks(path) == assert_figures_fit_the_blocks(whole_path)
    for number in range(40):
        assert columns_of(store.runs_of(a_hash(number))) == columns_of(
            whole.runs_of(a_hash(number))
        )
    assert store.rank_patterns(PatternFilter(), limit=50) == whole.rank_patterns(
        PatternFilter(), limit=50
    )
    store.close()
    whole.close()


def test_others_write_while_one_adds_many_days(tmp_path):
    path = tmp_path / "history.sqlite"
    store = open_sqlite_history(path)
    process = start(ADD_MANY_DAYS, path)
    assert process.stdout.readline() == "ready\n"

    notes = 0
    while process.poll() is None:
        store.set_note("origin", f"{notes}")
        notes += 1
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert notes > 1
    assert assert_figures_fit_the_blocks(path) == 40 * 120
    store.close()


def test_a_process_killed_while_it_makes_the_store_leaves_none_or_all_of_it(tmp_path):
    for attempt in range(8):
        path = tmp_path / f"{attempt}.sqlite"
        process = start(OPEN_STORE, path, "a")
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        time.sleep(0.002 * attempt)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)

        store = open_sqlite_history(path)
        store.set_note("b", "was here")
        assert store.note("a") in {None, "was here"}
        store.close()


def test_a_store_kept_busy_by_another_process_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("backend.adapters.sqlite.connection.BUSY_SECONDS", 0.1)
    path = tmp_path / "history.sqlite"
    store, other = open_sqlite_history(path), open_sqlite_history(path)

    with other._connections.writing(), pytest.raises(StoreUnavailableError, match="busy"):
        store.set_note("origin", "import")

    assert store.note("origin") is None
    store.set_note("origin", "import")
    store.close()
    other.close()


def test_readers_go_on_while_another_writes(tmp_path):
    path = tmp_path / "history.sqlite"
    store, other = open_sqlite_history(path), open_sqlite_history(path)
    store.set_note("origin", "sample")

    with other._connections.writing() as connection:
        connection.execute("DELETE FROM note")
        seen = store.note("origin")

    assert (seen, store.note("origin")) == ("sample", None)
    store.close()
    other.close()
