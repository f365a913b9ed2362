"""Import of a long history into the store, beside what only reading the same file takes."""

import argparse
import csv
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
SHAPES = 25
VARIANTS = 9
DAYS = 14
ROWS_A_BATCH = 100_000
FIRST_START = datetime(2026, 11, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
FILE_NAMES = ("sys_query_history.csv.gz", "sys_query_history.parquet")


def statements() -> list[str]:
    r"""Of about 560 characters, line breaks written as `\n` like the view does."""
    texts = []
    for shape in range(SHAPES):
        measures = ",\\n\t".join(
            f"sum(case when o.channel_{part} = 'c{part}' then o.amount else 0 end) as m{shape}_{part}"
            for part in range(4 + shape % 3)
        )
        texts.extend(
            f"select /* report {shape} */\\n\tc.region,\\n\t{measures}\\nfrom sales.orders_{shape} o"
            f"\\njoin sales.customers c on c.customer_id = o.customer_id\\nwhere o.ordered_on >="
            f" '2026-{1 + variant:02d}-01'\\n\tand o.amount > {variant * 100}\\n\tand c.segment in"
            f" ('s{variant}', 'it''s {shape}')\\ngroup by c.region\\norder by 2 desc\\nlimit"
            f" {10 + variant}"
            for variant in range(VARIANTS)
        )
    return texts


def batches(rows: int) -> Iterator[pa.RecordBatch]:
    """The columns of SYS_QUERY_HISTORY in the order of time within a batch, days mixed."""
    random = np.random.default_rng(20261122)
    texts = statements()
    for start in range(0, rows, ROWS_A_BATCH):
        count = min(ROWS_A_BATCH, rows - start)
        yield _batch(random, texts, start, count)


def _batch(random: np.random.Generator, texts: list[str], start: int, count: int) -> pa.RecordBatch:
    text = random.integers(0, len(texts), count)
    user = random.integers(100, 140, count)
    queue = np.where(random.random(count) < 0.1, random.integers(0, 5_000_000, count), 0)
    execution = random.lognormal(14, 1.2, count).astype(np.int64)
    first_us = int(FIRST_START.timestamp() * 1e6)
    began = first_us + np.sort(random.integers(0, DAYS * 86_400_000_000, count))
    elapsed = queue + execution + 60_000
    columns: dict[str, Any] = {
        "user_id": user,
        "query_id": np.arange(start, start + count) + 4_000_000,
        "query_label": _pick(random, count, ["default", "dbt", "tableau", "looker"]),
        "transaction_id": np.arange(start, start + count) + 9_000_000,
        "session_id": random.integers(1_073_000_000, 1_074_000_000, count),
        "database_name": _pick(random, count, ["shop", "lab"]),
        "query_type": _pick(random, count, ["SELECT"]),
        "status": _pick(random, count, ["success"] * 48 + ["failed", "canceled"]),
        "result_cache_hit": random.random(count) < 0.03,
        "start_time": pa.array(began, type=pa.timestamp("us")),
        "end_time": pa.array(began + elapsed, type=pa.timestamp("us")),
        "elapsed_time": elapsed,
        "queue_time": queue,
        "execution_time": execution,
        "error_message": pa.nulls(count, pa.string()),
        "returned_rows": random.integers(0, 100_000, count),
        "returned_bytes": random.integers(0, 10_000_000, count),
        "query_text": pa.array(np.array(texts, dtype=object)[text]),
        "redshift_version": _pick(random, count, ["Redshift 1.0.91234"]),
        "usage_limit": pa.nulls(count, pa.string()),
        "compute_type": _pick(random, count, ["primary"]),
        "compile_time": np.zeros(count, dtype=np.int64),
        "planning_time": np.full(count, 60_000),
        "lock_wait_time": np.zeros(count, dtype=np.int64),
        "service_class_id": np.full(count, 100),
        "service_class_name": _pick(random, count, ["Default queue"]),
        "query_priority": _pick(random, count, ["normal"]),
        "short_query_accelerated": _pick(random, count, ["false"]),
        "user_query_hash": pa.array([f"{number:040x}" for number in text.tolist()]),
        "generic_query_hash": pa.array([f"{n // VARIANTS:040x}" for n in text.tolist()]),
        "query_hash_version": np.ones(count, dtype=np.int64),
        "result_cache_query_id": pa.nulls(count, pa.int64()),
        "username": pa.array([f"u{number}" for number in user.tolist()]),
    }
    return pa.RecordBatch.from_pydict(columns)


def _pick(random: np.random.Generator, count: int, names: list[str]) -> pa.Array:
    return pa.array(np.array(names, dtype=object)[random.integers(0, len(names), count)])


def write_history(path: Path, rows: int) -> None:
    stream = batches(rows)
    first = next(stream)
    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, first.schema) as parquet:
            for batch in (first, *stream):
                parquet.write_batch(batch)
        return
    options = arrow_csv.WriteOptions(quoting_style="needed")
    with (
        gzip.open(path, "wb", compresslevel=1) as out,
        arrow_csv.CSVWriter(out, first.schema, write_options=options) as writer,
    ):
        writer.write_batch(first)
        for batch in stream:
            writer.write_batch(batch)


def import_it(path: Path) -> int:
    from backend.adapters.folder import open_export_folder  # noqa: PLC0415
    from backend.adapters.sqlite import open_sqlite_history  # noqa: PLC0415
    from backend.services.import_view_export import import_view_export  # noqa: PLC0415

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        store = open_sqlite_history(Path(folder) / "history.sqlite3")
        report = import_view_export(open_export_folder(path.parent), store=store, now=NOW)
        store.close()
    assert report.pattern_count == SHAPES, report
    return report.new_runs


def read_with_pyarrow(path: Path) -> int:
    if path.suffix == ".parquet":
        with pq.ParquetFile(path) as parquet:
            return sum(len(batch) for batch in parquet.iter_batches())
    with pa.CompressedInputStream(str(path), "gzip") as stream:
        parse = arrow_csv.ParseOptions(newlines_in_values=True)
        return sum(len(batch) for batch in arrow_csv.open_csv(stream, parse_options=parse))


def read_with_csv_module(path: Path) -> int:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


WAYS: dict[str, Callable[[Path], int]] = {
    "import": import_it,
    "pyarrow, reading only": read_with_pyarrow,
    "csv.DictReader, reading only": read_with_csv_module,
}


def measure(way: str, path: Path) -> dict[str, float]:
    """In a process of its own: the peak of a process cannot be reset."""
    command = [sys.executable, "-m", "tests.bench.bench_import", "--way", way, "--file", str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _measured_here(way: str, path: Path) -> dict[str, float]:
    if way == "import":
        # Loading the modules takes as long for ten rows as for ten million.
        import_module("backend.services.import_view_export")
        import_module("backend.adapters.folder")
    start, start_cpu = time.perf_counter(), time.process_time()
    rows = WAYS[way](path)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "rows_per_second": round(rows / seconds),
        "peak_mib": round(_peak_mib()),
    }


def _peak_mib() -> float:
    # Not ru_maxrss where it can be helped: that one begins with the peak of the parent process.
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(rows: int = 1_000_000) -> dict[str, dict[str, dict[str, float]]]:
    """Figures by file and by way of reading it."""
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for name in FILE_NAMES:
        with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
            path = Path(folder) / name
            write_history(path, rows)
            ways = [way for way in WAYS if not (way.startswith("csv") and ".csv" not in name)]
            figures[name] = {way: measure(way, path) for way in ways}
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--file", type=Path)
    arguments = parser.parse_args()
    if arguments.way:
        print(json.dumps(_measured_here(arguments.way, arguments.file)))
        return
    figures = run(arguments.rows)
    for name, ways in figures.items():
        print(f"{name}, {arguments.rows:,} rows")
        for way, measured in ways.items():
            print(
                f"  {way:30} {measured['rows_per_second']:>10,.0f} rows/s"
                f" {measured['seconds']:>8.1f} s"
                f" {measured['cpu_seconds']:>8.1f} s cpu {measured['peak_mib']:>7,.0f} MiB"
            )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
