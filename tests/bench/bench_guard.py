"""What the read-only guard lets through, what it rejects and why, and how long it takes.

`--cases FILE` names a set of others as JSON: lists of `{"sql", "expect": "allow" | "reject"}`.
`--equivalence FOLDER` and `--export FOLDER` name statements of analysts (see bench_rewrites and
bench_fingerprint). Without them only the project's own statements are judged.
"""

import argparse
import csv
import gzip
import io
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.sql.read_only_guard import guard
from backend.sql.scanner import unescape
from tests.bench.bench_rewrites import sample_statements, sets_of
from tests.bench.corpus import texts
from tests.unit.sql.guard_bypasses import bypasses

VARIANTS = 2_000
REPEATS = 5
_ASKS = re.compile(r"(?:\s++|--[^\n]*+|/\*.*?\*/|\()*+(?:select|with)\b", re.IGNORECASE | re.DOTALL)


def run(
    *, cases: Path | None = None, equivalence: Path | None = None, export: Path | None = None
) -> dict[str, Any]:
    """Shares are of 1; a rejected statement is shown by its reason, with one example each."""
    tricks = bypasses()
    reads = dict(_reads(equivalence, export))
    measured: dict[str, Any] = {
        "bypasses": len(tricks),
        "bypasses_allowed": sum(guard(text).is_allowed for text in tricks),
        "reads": {name: _judged(statements) for name, statements in reads.items()},
        "speed": _speed([text for statements in reads.values() for text in statements]),
    }
    total = sum(each["statements"] for each in measured["reads"].values())
    allowed = sum(each["allowed"] for each in measured["reads"].values())
    measured["reads_statements"] = total
    measured["reads_allowed_share"] = round(allowed / total, 4)
    if cases is not None:
        measured["cases"] = _cases(json.loads(cases.read_text(encoding="utf-8")))
    return measured


def _reads(equivalence: Path | None, export: Path | None) -> Iterator[tuple[str, list[str]]]:
    yield "the project's own", _asking(texts(VARIANTS, seed=1))
    yield "the sample's", _asking(sample_statements())
    if equivalence is not None:
        for name, _, statements in sets_of(equivalence):
            yield name, _asking(statements)
    if export is not None:
        yield "the export", _asking(_exported(export))


def _asking(statements: Iterable[str]) -> list[str]:
    """Those that only ask; what writes is to be rejected."""
    return [text for text in dict.fromkeys(statements) if _ASKS.match(text)]


def _exported(folder: Path) -> Iterator[str]:
    pieces: dict[str, list[tuple[int, str]]] = {}
    for path in folder.glob("sys_query_text.csv*"):
        stored = path.read_bytes()
        text = (gzip.decompress(stored) if path.suffix == ".gz" else stored).decode()
        for row in csv.DictReader(io.StringIO(text, newline="")):
            piece = (int(row["sequence"]), row["text"])
            pieces.setdefault(row["query_id"], []).append(piece)
    for parts in pieces.values():
        yield unescape("".join(text for _, text in sorted(parts)))


def _judged(statements: Sequence[str]) -> dict[str, Any]:
    reasons: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for text in statements:
        verdict = guard(text)
        if not verdict.is_allowed:
            reasons[verdict.reason] += 1
            examples.setdefault(verdict.reason, text[:200])
    return {
        "statements": len(statements),
        "allowed": len(statements) - reasons.total(),
        "rejected": [
            {"reason": reason, "count": count, "example": examples[reason]}
            for reason, count in reasons.most_common()
        ],
    }


def _cases(sets: Mapping[str, Any]) -> dict[str, Any]:
    cases = [case for each in sets.values() if isinstance(each, list) for case in each]
    verdicts = [(case, guard(case["sql"])) for case in cases if "sql" in case]
    rejects = [each for each in verdicts if each[0]["expect"] == "reject"]
    allows = [each for each in verdicts if each[0]["expect"] == "allow"]
    asks = [each for each in allows if _ASKS.match(each[0]["sql"])]
    return {
        "rejects": len(rejects),
        "rejects_let_through": [case["sql"] for case, verdict in rejects if verdict.is_allowed],
        "allows_that_ask": len(asks),
        "allows_that_ask_allowed": sum(verdict.is_allowed for _, verdict in asks),
        "stricter": [
            {"sql": case["sql"][:100], "reason": verdict.reason}
            for case, verdict in allows
            if not verdict.is_allowed
        ],
    }


def _speed(statements: Sequence[str]) -> dict[str, Any]:
    """CPU milliseconds, and for the longest text that is looked at at all."""
    start = time.process_time()
    for text in statements:
        guard(text)
    mean = (time.process_time() - start) / len(statements)
    longest = "select " + ", ".join(f"lower(name) as c{at}" for at in range(2_700))
    assert guard(longest).is_allowed
    start = time.process_time()
    for _ in range(REPEATS):
        guard(longest)
    return {
        "milliseconds_a_statement": round(1000 * mean, 3),
        "longest_bytes": len(longest),
        "milliseconds_of_the_longest": round(1000 * (time.process_time() - start) / REPEATS, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="bench_guard")
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--equivalence", type=Path)
    parser.add_argument("--export", type=Path)
    wanted = parser.parse_args()
    measured = run(cases=wanted.cases, equivalence=wanted.equivalence, export=wanted.export)
    json.dump(measured, sys.stdout, indent=2, ensure_ascii=False)


if __name__ == "__main__":
    main()
