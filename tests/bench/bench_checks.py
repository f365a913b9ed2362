"""What the checks take and whether what they say holds, over the sample and an export.

Per case file: the time of all checks, beside the time of reading the same statement once. Over all
of them: findings that cite no fact, and findings that a ruled-out line contradicts.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import open_sqlite_history
from backend.checks.registry import CheckOutcome, run_checks
from backend.domain.case_file import CaseFile
from backend.domain.pattern import PatternFilter
from backend.sample import write_sample_export
from backend.services.build_case_file import build_case_file
from backend.services.import_view_export import import_view_export
from backend.sql.read_statement import read_statement
from tests.diagnosed_sample import said_by

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROUNDS = 5


def run(export_folder: Path | None = None) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample"
        write_sample_export(sample, last_day=date(2026, 11, 21))
        measured: dict[str, object] = {"sample": _measure(sample)}
    if export_folder:
        measured["export"] = _measure(export_folder)
    return measured


def _measure(export: Path) -> dict[str, float]:
    check_ms: list[float] = []
    read_ms: list[float] = []
    without_facts = contradictions = findings = 0
    for case in case_files(export):
        rounds = [_timed_checks(case) for _ in range(ROUNDS)]
        check_ms.append(min(ms for _, ms in rounds))
        read_ms.append(min(_timed_reading(case) for _ in range(ROUNDS)))
        outcome = rounds[0][0]
        said = said_by(outcome, case.facts())
        findings += len(said.findings)
        without_facts += said.without_facts
        contradictions += said.contradictions
    return {
        "case_files": len(check_ms),
        "p50_ms": statistics.median(check_ms),
        "p95_ms": statistics.quantiles(check_ms, n=20)[-1],
        "slowest_ms": max(check_ms),
        "reading_the_statement_p95_ms": statistics.quantiles(read_ms, n=20)[-1],
        "findings": findings,
        "findings_without_facts": without_facts,
        "findings_that_a_ruled_out_line_contradicts": contradictions,
    }


def case_files(export: Path) -> Iterator[CaseFile]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_sqlite_history(Path(folder) / "history.sqlite3")
        import_view_export(open_export_folder(export), store=store, now=NOW)
        for query_hash in store.ranked_hashes(PatternFilter(), limit=1_000):
            yield build_case_file(query_hash, store=store, now=NOW)
        store.close()


def _timed_checks(case: CaseFile) -> tuple[CheckOutcome, float]:
    start = time.perf_counter()
    outcome = run_checks(case)
    return outcome, (time.perf_counter() - start) * 1000


def _timed_reading(case: CaseFile) -> float:
    start = time.perf_counter()
    read_statement(case.scrubbed_sql or "")
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]) if len(sys.argv) > 1 else None), indent=2))
