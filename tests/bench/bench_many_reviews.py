"""Reviewing 25,000 patterns by rules with `workbench review`: seconds, and whether memory is flat.

The sample's patterns, plans, steps and tables again and again under other hashes, each with four
runs a day over four weeks. Beside it the same command over a tenth of the patterns.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.evidence import Evidence
from backend.domain.pattern import Pattern, PatternFilter
from backend.sample import write_sample_export
from backend.services.import_view_export import import_view_export
from backend.services.ports import PatternRuns
from tests.bench.seed_store import seeded_runs

PATTERNS = 25_000
DAYS = 28
EVIDENCE_AT_ONCE = 1_000
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def run(patterns: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        _fill(data / "history.sqlite3", Path(folder) / "sample", patterns)
        few_seconds, few_mib = _review(data, patterns // 10)
        seconds, mib = _review(data, patterns)
    return {
        "patterns": patterns,
        "seconds": seconds,
        "milliseconds_a_pattern": seconds / patterns * 1000,
        "peak_mib_of_a_process": mib,
        "a_tenth_seconds": few_seconds,
        "a_tenth_peak_mib_of_a_process": few_mib,
        "cores": float(os.cpu_count() or 1),
    }


def _review(data: Path, count: int) -> tuple[float, float]:
    """Wall seconds, and the memory of the largest process."""
    command = [sys.executable, "-m", "backend.cli.main", "--data-dir", str(data), "review"]
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", measure, *command, "--top", str(count)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
    )  # fmt: skip
    return time.perf_counter() - start, int(done.stdout.split()[-1]) / 1024


def _fill(path: Path, sample: Path, patterns: int) -> None:
    write_sample_export(sample, last_day=date(2026, 11, 20))
    original = open_sqlite_history(sample / "history.sqlite3")
    import_view_export(open_export_folder(sample), store=original, now=NOW)
    known = [row.pattern for row in original.rank_patterns(PatternFilter(), limit=1_000).rows]
    store = open_sqlite_history(path)
    hashes: list[str] = []

    def parts() -> Iterator[PatternRuns]:
        for number, part in enumerate(seeded_runs(patterns=patterns, days=DAYS)):
            hashes.append(part.pattern.query_hash)
            yield replace(part, pattern=_as_seeded(known[number % len(known)], part.pattern))

    store.add_runs(parts(), source="export")
    _put_evidence(store, original, hashes, known)
    store.put_tables(original.tables({name for one in known for name in one.table_names}))
    store.share_out_time()
    store.set_note("origin", "import")
    store.close()
    original.close()


def _as_seeded(pattern: Pattern, seeded: Pattern) -> Pattern:
    return replace(
        pattern,
        query_hash=seeded.query_hash,
        first_seen=seeded.first_seen,
        last_seen=seeded.last_seen,
        regression=None,
    )


def _put_evidence(
    store: SqliteHistory, original: SqliteHistory, hashes: Sequence[str], known: Sequence[Pattern]
) -> None:
    evidence = [original.evidence(pattern.query_hash) for pattern in known]
    waiting: list[Evidence] = []
    for number, query_hash in enumerate(hashes):
        own = evidence[number % len(known)]
        if own:
            waiting.append(replace(own, query_hash=query_hash))
        if len(waiting) >= EVIDENCE_AT_ONCE:
            store.put_evidence(waiting)
            waiting = []
    store.put_evidence(waiting)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--patterns", type=int, default=PATTERNS)
    print(json.dumps(run(parser.parse_args().patterns), indent=2))
