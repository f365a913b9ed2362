"""Fill a store with many reviews for the benches, in the state that the port would leave.

A pattern's advice is the same in each of its reviews, so that only its first and its last review
change the book: those two go the whole way, the others are stored as rows alone.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.adapters.sqlite.reviews import INSERT_REVIEW, pack_review, put_review
from backend.domain.finding import Severity
from backend.domain.pattern import Pattern
from backend.domain.recommendation import Recommendation, ReviewerName
from backend.domain.review import Review, timestamp_key
from backend.domain.time_buckets import Bucket
from backend.services.ports import PatternRuns
from tests.builders import a_hash, a_pattern, a_recommendation, a_review, some_runs

LAST_DAY = date(2026, 11, 20)
RUNS_A_DAY = 4
ADVICE_A_PATTERN = 3
TABLES = ("orders", "order_lines", "customers", "stock", "returns", "visits", "prices", "stores")
USERS = tuple(f"team_{number}" for number in range(8))
DATABASES = ("shop", "lab")
SEVERITIES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH)


def seed_reviews(
    path: Path, *, reviews: int = 100_000, patterns: int = 2_000, days: int = 28
) -> None:
    store = open_sqlite_history(path)
    _seed_runs(store, patterns=patterns, days=days)
    _put_reviews(store, reviews=reviews, patterns=patterns, days=days)
    store.set_note("origin", "import")
    store.close()


def seeded_runs(*, patterns: int, days: int) -> Iterator[PatternRuns]:
    dice = np.random.default_rng(20)
    first = datetime.combine(LAST_DAY, datetime.min.time(), UTC) - timedelta(days=days - 1)
    count = days * RUNS_A_DAY
    for number in range(patterns):
        usual_seconds = float(dice.lognormal(1.5, 1.5))
        runs = some_runs(
            count,
            start=first + timedelta(minutes=int(dice.integers(0, 60))),
            every=timedelta(hours=24 / RUNS_A_DAY),
            elapsed_seconds=(usual_seconds * dice.lognormal(0, 0.3, count)).tolist(),
            first_query_id=1 + number * count,
            queue_seconds=usual_seconds / 50,
            user=[USERS[(number + place) % 3] for place in range(count)],
            database=DATABASES[number % 2],
        )
        yield PatternRuns(pattern=_pattern(number, first, days), runs=runs)


def seeded_reviews(*, reviews: int, patterns: int, days: int) -> Iterator[tuple[Review, bool]]:
    """Oldest first, and whether it is the first or the last of its pattern."""
    start = datetime.combine(LAST_DAY, datetime.min.time(), UTC) - timedelta(days=days - 1)
    step = timedelta(days=days) / max(1, reviews)
    advice = {number: _advice(number) for number in range(min(patterns, reviews))}
    for position in range(reviews):
        number = position % patterns
        is_outermost = position < patterns or position + patterns >= reviews
        yield a_review(a_hash(number), start + step * position, advice[number]), is_outermost


def _seed_runs(store: SqliteHistory, *, patterns: int, days: int) -> None:
    store.add_runs(seeded_runs(patterns=patterns, days=days), source="export")


def _put_reviews(store: SqliteHistory, *, reviews: int, patterns: int, days: int) -> None:
    with store._connections.writing() as connection:
        for review, is_outermost in seeded_reviews(reviews=reviews, patterns=patterns, days=days):
            if is_outermost:
                put_review(connection, review)
                continue
            connection.execute(
                INSERT_REVIEW,
                {
                    "query_hash": review.query_hash,
                    "analysis_timestamp": timestamp_key(review.analysis_timestamp),
                    "payload": pack_review(review),
                },
            )


def _pattern(number: int, first: datetime, days: int) -> Pattern:
    table = TABLES[number % len(TABLES)]
    sql = (
        f"SELECT column_{number}, sum(amount) AS total FROM sales.{table} AS t "  # noqa: S608
        "JOIN sales.customers AS c ON c.customer_id = t.customer_id "
        "WHERE t.ordered_at >= ? AND c.region = ? GROUP BY 1 ORDER BY 2 DESC LIMIT ?"
    )
    return replace(
        a_pattern(a_hash(number)),
        scrubbed_sql=sql,
        table_names=(f"sales.{table}", "sales.customers"),
        first_seen=first,
        last_seen=first + timedelta(days=days),
    )


def _advice(number: int) -> list[Recommendation]:
    return [
        a_recommendation(
            a_hash(number),
            f"check_{place}",
            reviewer=list(ReviewerName)[(number + place) % len(ReviewerName)],
            severity=SEVERITIES[(number + place) % len(SEVERITIES)],
            bucket=list(Bucket)[(number + place) % len(Bucket)],
            title=f"Sort sales.{TABLES[number % len(TABLES)]} by ordered_at ({number})",
            claimed_saving_seconds=float(number * 7 % 1000),
        )
        for place in range(ADVICE_A_PATTERN)
    ]


if __name__ == "__main__":
    began = time.perf_counter()
    seed_reviews(Path(sys.argv[1]))
    sys.stdout.write(f"seeded in {time.perf_counter() - began:.1f} s\n")
