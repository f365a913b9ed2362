"""How fast statements are told apart, beside pglast's fingerprint on the same texts.

Run `python -m tests.bench.bench_fingerprint [EXPORT_FOLDER]`.
"""

import argparse
import csv
import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pglast

from backend.domain.pattern import FingerprintMethod
from backend.sql.fingerprint import Fingerprinter, fingerprint_of
from backend.sql.scanner import unescape
from tests.bench.corpus import statements, texts

VARIANTS = 20_000
OWN_SHAPES = 2_000
REPEATS = 20


def run(export_folder: Path | None = None) -> dict[str, object]:
    """MB are 10^6 characters; seconds are CPU seconds of one core, so a busy machine does no harm."""
    variants = list(texts(VARIANTS, seed=1))
    own_shapes = list(texts(OWN_SHAPES, seed=2, own_tables=True))
    measured: dict[str, object] = {
        "statements": len(statements()),
        "variants": len(variants),
        "mean_characters": sum(map(len, variants)) // len(variants),
        "distinct_texts_mb_per_second": _megabytes_per_second(Fingerprinter().of, variants),
        "own_shapes_mb_per_second": _megabytes_per_second(Fingerprinter().of, own_shapes),
        "repeated_texts_per_second": _repeated_texts_per_second(variants[:5_000]),
        "parsed_share": _share(own_shapes, _is_parsed),
        "taken_share": 1.0,
        "patterns_of_variants": len({fingerprint_of(text).query_hash for text in variants[:700]}),
        "pglast_mb_per_second": _megabytes_per_second(_pglast_fingerprint, own_shapes),
        "pglast_taken_share": _share(own_shapes, _pglast_takes),
    }
    if export_folder is not None:
        measured |= _of_export(export_folder)
    return measured


def _megabytes_per_second(work: Callable[[str], object], batch: list[str]) -> float:
    start = time.process_time()
    for text in batch:
        work(text)
    return round(sum(map(len, batch)) / 1e6 / (time.process_time() - start), 2)


def _repeated_texts_per_second(batch: list[str]) -> int:
    fingerprinter = Fingerprinter()
    for text in batch:
        fingerprinter.of(text)
    # Copies, as a reader of rows hands over: the text is the same, the object is not.
    copies = ["".join(list(text)) for text in batch]
    start = time.process_time()
    for _ in range(REPEATS):
        for text in copies:
            fingerprinter.of(text)
    return round(len(copies) * REPEATS / (time.process_time() - start))


def _share(batch: list[str], is_so: Callable[[str], bool]) -> float:
    return round(sum(map(is_so, batch)) / len(batch), 3)


def _is_parsed(text: str) -> bool:
    return fingerprint_of(text).method is FingerprintMethod.PARSED


def _pglast_fingerprint(text: str) -> str | None:
    try:
        return str(pglast.fingerprint(text))
    except pglast.Error:
        return None


def _pglast_takes(text: str) -> bool:
    return _pglast_fingerprint(text) is not None


def _of_export(folder: Path) -> dict[str, object]:
    rows = list(_query_texts(folder))
    distinct = sorted(set(rows))
    return {
        "export_runs": len(rows),
        "export_distinct_texts": len(distinct),
        "export_patterns": len({fingerprint_of(text).query_hash for text in distinct}),
        "export_runs_per_second": round(
            _megabytes_per_second(Fingerprinter().of, rows) * 1e6 * len(rows) / sum(map(len, rows))
        ),
        "export_parsed_share": _share(distinct, _is_parsed),
        "export_pglast_taken_share": _share(distinct, _pglast_takes),
    }


def _query_texts(folder: Path) -> Iterable[str]:
    csv.field_size_limit(2**27)
    path = folder / "sys_query_history.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield unescape(row["query_text"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export_folder", nargs="?", type=Path)
    measured = run(parser.parse_args().export_folder)
    for name, value in measured.items():
        sys.stdout.write(f"{name:32} {value:>14,}\n")
    sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
