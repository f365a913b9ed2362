"""What the kept figures of a store ought to be, worked out from its run blocks alone."""

import sqlite3
from datetime import date
from pathlib import Path

import numpy as np

from backend.adapters.sqlite.day_figures import DIGEST, SLICE, pattern_day
from backend.adapters.sqlite.day_sheet import LINE
from backend.adapters.sqlite.joined_runs import joined_runs
from backend.domain.elapsed_digest import ElapsedDigest
from backend.domain.runs import Runs


def assert_figures_fit_the_blocks(path: Path) -> int:
    """Gives the number of runs."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        names = dict(connection.execute("SELECT name_no, name FROM name")) | {0: ""}
        blocks: dict[tuple[int, int], list[Runs]] = {}
        for number, day, count, packed in connection.execute(
            "SELECT pattern_no, day, run_count, runs FROM run_block"
        ):
            runs = joined_runs([packed], names.__getitem__, run_count=count)
            assert len(runs) == count
            blocks.setdefault((number, day), []).append(runs)
        days = {
            (number, day): (np.frombuffer(slices, SLICE), np.frombuffer(digest, DIGEST))
            for number, day, slices, digest in connection.execute(
                "SELECT pattern_no, day, slices, digest FROM pattern_day"
            )
        }
        sheets = {
            day: np.frombuffer(lines, LINE)
            for day, lines in connection.execute("SELECT day, lines FROM day_sheet")
        }
    finally:
        connection.close()
    assert days.keys() == blocks.keys()
    assert sheets.keys() == {day for _, day in blocks}
    for (number, day), parts in blocks.items():
        _assert_day_fits(Runs.concat(parts), *days[number, day])
        lines = sheets[day][sheets[day]["pattern_no"] == number]
        assert lines["elapsed_us"].tolist() == days[number, day][0]["elapsed_us"].tolist()
        assert lines["runs"].tolist() == days[number, day][0]["runs"].tolist()
    return sum(len(part) for parts in blocks.values() for part in parts)


def _assert_day_fits(runs, slices, digest) -> None:
    assert len(runs) == len(runs.in_order()), "a run is kept twice"
    timed = runs.take(runs.is_timed)
    kept = pattern_day("f1-0", date(2026, 1, 1), slices, digest)
    assert kept.runs == len(timed)
    assert round(kept.total_elapsed_seconds * 1e6) == int(timed.elapsed_us.sum())
    assert kept.cache_hits == int(runs.is_cache_hit.sum())
    if kept.digest.is_exact:
        expected = ElapsedDigest.of(timed.elapsed_us)
        assert kept.digest.values_us == expected.values_us or not expected.is_exact
