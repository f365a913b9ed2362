"""How much of what is planted in the sample the checks find, and whom they accuse wrongly.

Per group of checks: causes planted, found, missed, and found though neither planted nor a
consequence of what is. In all: precision and recall, clean patterns accused, findings that cite no
fact or that a ruled-out line contradicts, and the checks that the sample does not exercise. Of an
export, whose truth nobody knows, only what needs none.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.checks.registry import run_checks, run_workload_checks
from backend.domain.pattern import PatternFilter
from backend.domain.review import Review
from backend.panel.rules import rules_panel
from backend.sample import write_sample_export
from backend.services.build_case_file import build_case_file
from backend.services.build_workload_case import build_workload_case
from backend.services.import_view_export import import_view_export
from backend.services.load_sample import load_sample
from tests.diagnosed_sample import (
    GOOD_NEWS,
    GROUPS,
    Said,
    Scores,
    checks_not_exercised,
    said_by,
    said_of_pattern,
    said_of_workload,
    sample_hashes,
    scores,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOST_PATTERNS = 100_000


def run(export_folder: Path | None = None) -> dict[str, Any]:
    figures = {"sample": _sample_figures()}
    if export_folder:
        figures["export"] = _soundness(list(_said_of_export(export_folder)))
    return figures


def _sample_figures() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_sqlite_history(Path(folder) / "history.sqlite3")
        loaded = load_sample(
            store=store,
            panel=rules_panel(),
            open_export=open_export_folder,
            write_sample=write_sample_export,
            work_folder=Path(folder) / "sample",
            now=NOW,
        )
        reviews = dict(_latest_reviews(store))
        workload = store.latest_workload_review()
        store.close()
    assert workload is not None
    assert loaded.last_day == (NOW - timedelta(days=1)).date()
    said = [*map(said_of_pattern, reviews.values()), said_of_workload(workload)]
    found = scores(reviews, workload, hashes=sample_hashes(loaded.last_day))
    silent = checks_not_exercised(said)
    return {
        **_of(found),
        "precision": found.precision,
        "recall": found.recall,
        "clean_patterns": len(found.clean),
        "clean_patterns_accused": len(found.clean_accused),
        **_soundness(said),
        "checks_not_exercised": sum(map(len, silent.values())),
        "groups": {group: _of(found.of_group(group)) for group in GROUPS},
        "named": {
            "missed": list(map(str, found.missed)),
            "false": list(map(str, found.false)),
            "clean_patterns_accused": found.clean_accused,
            "checks_not_exercised": silent,
        },
    }


def _of(found: Scores) -> dict[str, int]:
    return {
        "planted": len(found.planted),
        "found": len(found.planted & found.found),
        "missed": len(found.missed),
        "consequences_found": len(found.consequences & found.found),
        "false": len(found.false),
    }


def _soundness(said: Sequence[Said]) -> dict[str, int]:
    return {
        "findings": sum(len(each.findings) for each in said),
        "findings_without_facts": sum(each.without_facts for each in said),
        "findings_that_a_ruled_out_line_contradicts": sum(each.contradictions for each in said),
        "good_news": sum(len(each.good_news) for each in said),
    }


def _latest_reviews(store: SqliteHistory) -> Iterator[tuple[str, Review]]:
    for query_hash in store.ranked_hashes(PatternFilter(), limit=MOST_PATTERNS):
        review = store.latest_review(query_hash)
        assert review is not None
        yield query_hash, review


def _said_of_export(export: Path) -> Iterator[Said]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_sqlite_history(Path(folder) / "history.sqlite3")
        import_view_export(open_export_folder(export), store=store, now=NOW)
        for query_hash in store.ranked_hashes(PatternFilter(), limit=MOST_PATTERNS):
            case = build_case_file(query_hash, store=store, now=NOW)
            yield said_by(run_checks(case), case.facts())
        workload = build_workload_case(store=store, now=NOW)
        yield said_by(run_workload_checks(workload), workload.facts())
        store.close()


def _print_table(sample: Mapping[str, Any]) -> None:
    columns = ("planted", "found", "missed", "consequences_found", "false")
    heads = ("planted", "found", "missed", "consequences", "false")
    print(f"{'group of checks':<18}" + "".join(f"{head:>14}" for head in heads))
    for name, group in (*sample["groups"].items(), ("in all", sample)):
        print(f"{name:<18}" + "".join(f"{group[column]:>14}" for column in columns))
    print(f"precision {sample['precision']:.3f}, recall {sample['recall']:.3f}")
    named = sample["named"]
    for what in ("missed", "false", "clean_patterns_accused"):
        for one in named[what]:
            print(f"{what.replace('_', ' ')}: {one}")
    for group, checks in named["checks_not_exercised"].items():
        title = "good news" if group == GOOD_NEWS else group
        print(f"not exercised, {title}: {', '.join(checks)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="bench_diagnosis")
    parser.add_argument("export", type=Path, nargs="?", help="a folder of view exports")
    figures = run(parser.parse_args().export)
    _print_table(figures["sample"])
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
