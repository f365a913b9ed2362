"""The first review of every pattern of an export, beside what reading and writing alone take."""

import json
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import open_sqlite_history
from backend.domain.pattern import PatternFilter
from backend.panel.rules import rules_panel
from backend.sample import write_sample_export
from backend.services.import_view_export import import_view_export
from backend.services.review_pattern import review_pattern

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def run(export_folder: Path | None = None) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if export_folder is None:
            export_folder = scratch / "sample"
            write_sample_export(export_folder, last_day=date(2026, 11, 21))
        store = open_sqlite_history(scratch / "history.sqlite3")
        import_view_export(open_export_folder(export_folder), store=store, now=NOW)
        hashes = [
            row.pattern.query_hash for row in store.rank_patterns(PatternFilter(), limit=1000).rows
        ]
        panel = rules_panel()

        start = time.perf_counter()
        for query_hash in hashes:
            review_pattern(query_hash, store=store, panel=panel, analysis_timestamp=NOW)
        reviewing = time.perf_counter() - start

        start = time.perf_counter()
        plain = sqlite3.connect(scratch / "plain.sqlite3")
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("CREATE TABLE review (query_hash TEXT PRIMARY KEY, payload TEXT)")
        for query_hash in hashes:
            review = store.latest_review(query_hash)
            assert review is not None
            with plain:
                plain.execute("INSERT INTO review VALUES (?, ?)", (query_hash, repr(review)))
        plain.close()
        keeping = time.perf_counter() - start
        store.close()
    return {
        "patterns": len(hashes),
        "review_seconds": reviewing,
        "review_seconds_per_pattern": reviewing / len(hashes),
        "read_and_write_only_seconds": keeping,
    }


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]) if len(sys.argv) > 1 else None), indent=2))
