"""The benches' short cut leaves the state that the port would."""

import sqlite3
from pathlib import Path

from backend.adapters.sqlite import open_sqlite_history
from tests.bench.seed_store import seed_reviews, seeded_reviews, seeded_runs


def every_row(path: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(path)
    tables = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith("pattern_text_")
    ]
    rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}  # noqa: S608
    connection.close()
    return rows


def test_the_seeded_store_is_the_one_that_the_port_makes(tmp_path):
    size = {"patterns": 5, "days": 3}
    seed_reviews(tmp_path / "seeded.sqlite", reviews=23, **size)

    store = open_sqlite_history(tmp_path / "put.sqlite")
    store.add_runs(seeded_runs(**size), source="export")
    for review, _ in seeded_reviews(reviews=23, **size):
        store.put_review(review)
    store.set_note("origin", "import")
    store.close()

    assert every_row(tmp_path / "seeded.sqlite") == every_row(tmp_path / "put.sqlite")
