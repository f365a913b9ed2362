"""What the history store takes: adding runs, the ranking, pages of reviews and recommendations.

Each figure stands beside the least that SQLite itself needs: as many rows of a plain table of the
same file, by primary key (reads), or the bare rows of the same columns inserted (runs).
"""

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import RecommendationFilter, TriageState
from backend.domain.runs import NUMBER_COLUMNS, Runs
from backend.services.ports import PatternRuns
from tests.bench.seed_store import LAST_DAY, seed_reviews
from tests.builders import a_hash, a_pattern, some_runs

ROUNDS = 7
PAGE = 50
ROWS_A_PART = 200_000


@dataclass(frozen=True, kw_only=True)
class Figure:
    name: str
    value: float
    baseline: float
    unit: str
    baseline_name: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--wide", action="store_true", help="also 5,000 patterns × 90 days")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = list(_all_figures(Path(folder), wanted))
    for figure in figures:
        sys.stdout.write(
            f"{figure.name:<44}{figure.value:>12,.1f} {figure.unit:<7}"
            f"{figure.baseline:>14,.1f} {figure.unit:<7}{figure.baseline_name}\n"
        )
    as_json = json.dumps([asdict(figure) for figure in figures], indent=2)
    sys.stdout.write(as_json + "\n")
    if wanted.json:
        wanted.json.write_text(as_json)


def _all_figures(folder: Path, wanted: argparse.Namespace) -> Iterator[Figure]:
    yield _adding_runs(folder, wanted.runs)
    path = folder / "reviews.sqlite"
    seed_reviews(path, reviews=wanted.reviews)
    yield from _reading(path, days=28, name="2,000 patterns × 28 days")
    if wanted.wide:
        path = folder / "wide.sqlite"
        seed_reviews(path, reviews=1_000, patterns=5_000, days=90)
        yield from _ranking(path, days=90, name="5,000 patterns × 90 days")


def _adding_runs(folder: Path, count: int) -> Figure:
    parts = list(_parts(count))
    store = open_sqlite_history(folder / "runs.sqlite")
    seconds = _seconds(lambda: store.add_runs(parts, source="export"))
    store.close()
    return Figure(
        name=f"add_runs, 25 patterns × 14 days, {count:,}",
        value=count / seconds,
        baseline=count / _plain_insert_seconds(folder / "plain.sqlite", parts),
        unit="runs/s",
        baseline_name="a row each, no figures",
    )


def _parts(count: int, *, patterns: int = 25, days: int = 14) -> Iterator[PatternRuns]:
    dice = np.random.default_rng(4)
    of_one = ROWS_A_PART // patterns
    for batch in range(max(1, count // ROWS_A_PART)):
        for number in range(patterns):
            runs = some_runs(
                of_one,
                every=timedelta(days=days) / of_one,
                first_query_id=(batch * patterns + number) * of_one,
                elapsed_seconds=dice.lognormal(0, 1.5, of_one).tolist(),
                user=[f"team_{place % 8}" for place in range(of_one)],
                queue_seconds=(dice.random(of_one) * 0.01).tolist(),
                returned_rows=dice.integers(0, 10_000, of_one).tolist(),
            )
            runs.started_us[:] += dice.integers(0, 60_000_000, of_one)
            yield PatternRuns(pattern=a_pattern(a_hash(number)), runs=runs)


def _plain_insert_seconds(path: Path, parts: list[PatternRuns]) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    columns = ", ".join(NUMBER_COLUMNS)
    marks = ", ".join("?" * (1 + len(NUMBER_COLUMNS)))
    connection.execute(f"CREATE TABLE run (query_hash, {columns})")

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        for part in parts:
            rows = _rows(part.pattern.query_hash, part.runs)
            connection.executemany(f"INSERT INTO run VALUES ({marks})", rows)  # noqa: S608
        connection.execute("COMMIT")

    seconds = _seconds(insert)
    connection.close()
    return seconds


def _rows(query_hash: str, runs: Runs) -> Iterator[tuple[object, ...]]:
    columns = [getattr(runs, name).tolist() for name in NUMBER_COLUMNS]
    return ((query_hash, *row) for row in zip(*columns, strict=True))


def _reading(path: Path, *, days: int, name: str) -> Iterator[Figure]:
    yield from _ranking(path, days=days, name=name)
    store = open_sqlite_history(path)
    page_baseline = _plain_select_ms(path, rows=PAGE)
    middle = store.reviews_between(limit=1_000).next_cursor
    open_ones = RecommendationFilter(states=(TriageState.OPEN,))
    by_text = RecommendationFilter(text="returns by ordered_at (19", is_still_raised=True)
    counts = len(store.daily_counts())
    reads: dict[str, tuple[Callable[[], object], float]] = {
        "reviews_between, first page of 50": (
            lambda: store.reviews_between(limit=PAGE),
            page_baseline,
        ),
        "reviews_between, a later page of 50": (
            lambda: store.reviews_between(limit=PAGE, cursor=middle),
            page_baseline,
        ),
        "recommendations, first page of 50": (
            lambda: store.recommendations(open_ones, limit=PAGE),
            page_baseline,
        ),
        "recommendations, by text, page of 50": (
            lambda: store.recommendations(by_text, limit=PAGE),
            page_baseline,
        ),
        "recommendation_count": (lambda: store.recommendation_count(open_ones), page_baseline),
        f"daily_counts, {counts:,} counters": (
            store.daily_counts,
            _plain_select_ms(path, rows=counts),
        ),
        "review_count": (store.review_count, _plain_select_ms(path, rows=1)),
    }
    for read_name, (read, baseline) in reads.items():
        yield _read_figure(read_name, read, baseline)
    store.close()


def _ranking(path: Path, *, days: int, name: str) -> Iterator[Figure]:
    store = open_sqlite_history(path)
    baseline = _plain_select_ms(path, rows=PAGE * days)
    last_fortnight = PatternFilter(first_day=LAST_DAY - timedelta(days=13))
    for what, wanted in (
        ("first page", PatternFilter()),
        ("by user and database", PatternFilter(users=("team_1",), databases=("shop",))),
        ("by text", PatternFilter(text="sales.stock")),
        ("last 14 days", last_fortnight),
    ):
        yield _read_figure(f"rank {name}, {what}", _ranking_read(store, wanted), baseline)
    yield _read_figure(
        f"daily_seconds {name}", lambda: store.daily_seconds(PatternFilter()), baseline
    )
    yield _read_figure(
        f"ranked_pattern {name}",
        lambda: store.ranked_pattern(a_hash(7), PatternFilter()),
        baseline,
    )
    store.close()


def _ranking_read(store: SqliteHistory, wanted: PatternFilter) -> Callable[[], object]:
    return lambda: store.rank_patterns(wanted, limit=PAGE)


def _read_figure(name: str, read: Callable[[], object], baseline: float) -> Figure:
    return Figure(
        name=name,
        value=_median_ms(read),
        baseline=baseline,
        unit="ms",
        baseline_name="as many plain rows by key",
    )


def _plain_select_ms(path: Path, *, rows: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE IF NOT EXISTS bench_row (number INTEGER PRIMARY KEY, text)")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT OR IGNORE INTO bench_row VALUES (?, ?)",
        ((number, "x" * 500) for number in range(rows)),
    )
    connection.execute("COMMIT")

    def read() -> None:
        for number in range(rows):
            connection.execute("SELECT * FROM bench_row WHERE number = ?", (number,)).fetchone()

    median = _median_ms(read)
    connection.close()
    return median


def _median_ms(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_seconds(work) * 1_000 for _ in range(ROUNDS))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
