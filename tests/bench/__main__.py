"""`make bench`: every bench in turn, then each figure beside its target and its baseline.

`make bench ARGS="review fingerprint"` runs only these; `ARGS="--export FOLDER"` measures the
fingerprint, the checks, the diagnosis, the reviews and the guard on your own export, too,
`ARGS="--equivalence FOLDER"` the rewrites and the guard on sets of statements of others (see
bench_rewrites), `ARGS="--guard-cases FILE"` the guard on verdicts of others (see bench_guard),
`ARGS="scrub --cases FOLDER"` what scrubbing lets through on cases of others (see bench_scrub).
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
JSON_FILE = FOLDER.parents[1] / "build" / "bench.json"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the table. Paths lead through the bench's JSON, `/` between the keys."""

    bench: str
    what: str
    path: str
    unit: str
    target: str = ""
    baseline: str = ""
    baseline_name: str = ""


def _import_lines(file: str, label: str) -> list[Line]:
    way = "pyarrow reads the same file"
    common = {"bench": "import", "baseline_name": way}
    return [
        Line(
            what=f"import and grouping of {label}",
            path=f"{file}/import/rows_per_second",
            baseline=f"{file}/pyarrow, reading only/rows_per_second",
            unit="runs/s",
            target="≥ 100,000",
            **common,
        ),
        Line(
            what=f"  its peak of memory, {label}",
            path=f"{file}/import/peak_mib",
            baseline=f"{file}/pyarrow, reading only/peak_mib",
            unit="MiB",
            target="≤ 1,024",
            **common,
        ),
    ]


def _check_lines(place: str, label: str) -> list[Line]:
    return [
        Line(
            bench="checks",
            what=f"all checks on one case file, p95, {label}",
            path=f"{place}/p95_ms",
            unit="ms",
            target="≤ 50",
            baseline=f"{place}/reading_the_statement_p95_ms",
            baseline_name="reading its statement",
        ),
        Line(
            bench="checks",
            what=f"  findings without facts, {label}",
            path=f"{place}/findings_without_facts",
            unit="",
            target="0",
            baseline=f"{place}/findings",
            baseline_name="findings",
        ),
        Line(
            bench="checks",
            what="  findings that a ruled-out line contradicts",
            path=f"{place}/findings_that_a_ruled_out_line_contradicts",
            unit="",
            target="0",
        ),
    ]


def _sound_lines(place: str, label: str) -> list[Line]:
    return [
        Line(
            bench="diagnosis",
            what=f"  findings without facts, {label}",
            path=f"{place}/findings_without_facts",
            unit="",
            target="0",
            baseline=f"{place}/findings",
            baseline_name="findings, the workload's too",
        ),
        Line(
            bench="diagnosis",
            what="  findings that a ruled-out line contradicts",
            path=f"{place}/findings_that_a_ruled_out_line_contradicts",
            unit="",
            target="0",
        ),
    ]


def _diagnosis_lines() -> list[Line]:
    common = {"bench": "diagnosis", "unit": ""}
    return [
        Line(what="planted causes, found of planted", path="sample/recall", target="1", **common),
        *(
            Line(
                what=f"  {group}",
                path=f"sample/groups/{group}/found",
                baseline=f"sample/groups/{group}/planted",
                baseline_name="planted",
                **common,
            )
            for group in ("time", "plan", "steps", "tables", "sql", "lake", "load", "workload")
        ),
        Line(what="findings, true of all", path="sample/precision", target="1", **common),
        Line(what="  false findings", path="sample/false", target="0", **common),
        Line(
            what="  true ones that only follow from others",
            path="sample/consequences_found",
            **common,
        ),
        Line(
            what="  clean patterns accused",
            path="sample/clean_patterns_accused",
            target="0",
            baseline="sample/clean_patterns",
            baseline_name="clean patterns",
            **common,
        ),
        *_sound_lines("sample", "the sample"),
        *_sound_lines("export", "the export"),
        Line(
            what="checks that the sample does not exercise",
            path="sample/checks_not_exercised",
            **common,
        ),
    ]


def _scrub_lines() -> list[Line]:
    common = {"bench": "scrub"}
    others = {"bench": "scrub", "unit": ""}
    return [
        Line(
            what="scrubbing, statements of 500 characters",
            path="speed/statements_per_second",
            unit="texts/s",
            target="≥ 2,000",
            baseline="speed/sqlglot_tokenizer_per_second",
            baseline_name="sqlglot's tokenizer (compiled)",
            **common,
        ),
        Line(
            what="  masked as messages",
            path="speed/messages_per_second",
            unit="texts/s",
            **common,
        ),
        Line(
            what="  time for four times the text, the worst",
            path="growth/worst_ratio",
            unit="×",
            target="≤ 4.5",
            baseline="growth/texts",
            baseline_name="texts tried",
            **common,
        ),
        Line(
            what="  leaks of personal values of others",
            path="leaks/leaks",
            target="0",
            baseline="leaks/texts",
            baseline_name="texts, cut behind each character",
            **others,
        ),
        Line(
            what="  false alarms in names",
            path="false_alarms/share",
            target="≤ 0.02",
            baseline="false_alarms/negatives",
            baseline_name="names that are none",
            **others,
        ),
        Line(
            what="  equal to go-sqllexer",
            path="sqllexer/equal_share",
            target="≥ 0.95",
            baseline="sqllexer/cases",
            baseline_name="cases",
            **others,
        ),
        Line(
            what="  masked at least what go-sqllexer masks",
            path="sqllexer/mask_as_much_share",
            target="1",
            **others,
        ),
        Line(
            what="  groups of libpg_query that are one pattern",
            path="pgquery/groups_equal",
            baseline="pgquery/groups",
            baseline_name="groups",
            **others,
        ),
    ]


LINES = [
    *_import_lines("sys_query_history.csv.gz", "CSV.gz"),
    *_import_lines("sys_query_history.parquet", "Parquet"),
    Line(
        bench="fingerprint",
        what="fingerprint, distinct texts",
        path="distinct_texts_mb_per_second",
        unit="MB/s",
        target="≥ 1.5",
        baseline="pglast_mb_per_second",
        baseline_name="pglast's fingerprint",
    ),
    Line(
        bench="fingerprint",
        what="fingerprint, each text a shape of its own",
        path="own_shapes_mb_per_second",
        unit="MB/s",
        baseline="pglast_mb_per_second",
        baseline_name="pglast's fingerprint",
    ),
    Line(
        bench="fingerprint",
        what="fingerprint, repeated texts",
        path="repeated_texts_per_second",
        unit="texts/s",
        target="≥ 100,000",
    ),
    Line(
        bench="fingerprint",
        what="share of the texts taken",
        path="taken_share",
        unit="of 1",
        baseline="pglast_taken_share",
        baseline_name="pglast takes",
    ),
    Line(
        bench="guard",
        what="ways around the guard that get through",
        path="bypasses_allowed",
        unit="",
        target="0",
        baseline="bypasses",
        baseline_name="tried",
    ),
    Line(
        bench="guard",
        what="  reading statements that it lets through",
        path="reads_allowed_share",
        unit="of 1",
        target="≥ 0.95",
        baseline="reads_statements",
        baseline_name="statements",
    ),
    Line(
        bench="guard",
        what="  a statement",
        path="speed/milliseconds_a_statement",
        unit="ms",
        baseline="speed/milliseconds_of_the_longest",
        baseline_name="the longest, 64 KB",
    ),
    Line(
        bench="review",
        what="first review of all patterns by rules",
        path="review_seconds",
        unit="s",
        target="≤ 3 for 25",
        baseline="read_and_write_only_seconds",
        baseline_name="reading and writing the same reviews",
    ),
    Line(bench="review", what="  patterns reviewed", path="patterns", unit=""),
    *(
        line
        for place, label in (("sample", "the sample"), ("export", "the export"))
        for line in _check_lines(place, label)
    ),
    *_diagnosis_lines(),
    Line(
        bench="many_reviews",
        what="reviews of very many patterns by rules",
        path="seconds",
        unit="s",
        target="≤ 600 for 25,000",
        baseline="a_tenth_seconds",
        baseline_name="a tenth of them",
    ),
    Line(
        bench="many_reviews",
        what="  peak of memory of a process",
        path="peak_mib_of_a_process",
        unit="MiB",
        target="flat",
        baseline="a_tenth_peak_mib_of_a_process",
        baseline_name="a tenth of them",
    ),
    Line(
        bench="rewrites",
        what="statements that a rule rewrites",
        path="total/with_rewrite",
        unit="",
        baseline="total/statements",
        baseline_name="statements",
    ),
    Line(
        bench="rewrites",
        what="  rewrites run beside their statement",
        path="total/verified",
        unit="",
        baseline="total/not_runnable",
        baseline_name="could not be run",
    ),
    Line(
        bench="rewrites",
        what="  rewrites that gave other rows",
        path="total/unsound",
        unit="",
        target="0",
    ),
    *_scrub_lines(),
    Line(
        bench="exports",
        what="exported cells that are live in LibreOffice",
        path="live_formulas",
        unit="",
        target="0 of 50,000",
        baseline="live_formulas_unguarded",
        baseline_name="the same texts without the guard",
    ),
    Line(
        bench="exports",
        what="  divided at semicolons and tabs as well",
        path="live_formulas_divided_at_commas_semicolons_and_tabs",
        unit="",
        target="0",
        baseline="live_formulas_divided_at_semicolons_only",
        baseline_name="at semicolons only, the wrong ones",
    ),
    Line(
        bench="exports",
        what="  texts harmed, one leading quote off",
        path="harmed_in_the_sheet",
        unit="",
        target="0",
        baseline="harmed_for_a_reader_of_csv",
        baseline_name="for a reader of CSV",
    ),
    Line(
        bench="exports",
        what="  figures that are no figures there",
        path="figures_no_longer_figures",
        unit="",
        target="0",
        baseline="figures",
        baseline_name="figures",
    ),
    Line(
        bench="pages",
        what="first table on screen, 100,000 reviews",
        path="first_table_seconds",
        unit="s",
        target="≤ 1.3 × baseline",
        baseline="bare_page_seconds",
        baseline_name="bare page with one dataframe",
    ),
    Line(bench="pages", what="  ratio, pair by pair", path="first_table_ratio", unit="×"),
    Line(
        bench="pages",
        what="filter change",
        path="filter_change_seconds",
        unit="s",
        target="≤ 0.5",
        baseline="bare_filter_seconds",
        baseline_name="text filter of the bare page",
    ),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="make bench")
    known = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    parser.add_argument("names", nargs="*", help=f"of {', '.join(known)}; all if none is given")
    parser.add_argument("--export", type=Path, help="a folder of view exports of your own")
    parser.add_argument("--equivalence", type=Path, help="a folder of statements of others")
    parser.add_argument("--guard-cases", type=Path, help="a file of verdicts of others")
    parser.add_argument("--cases", type=Path, help="a folder of cases of others for scrubbing")
    wanted = parser.parse_args()
    figures: dict[str, Any] = {}
    failed: list[str] = []
    for name in wanted.names or known:
        print(f"{name} …", flush=True)
        figures[name] = _figures_of(name, wanted)
        if figures[name] is None:
            failed.append(name)
    JSON_FILE.parent.mkdir(exist_ok=True)
    JSON_FILE.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    _print_table(figures)
    print(f"\nEverything measured, as JSON: {JSON_FILE}")
    if failed:
        sys.exit(f"These benches failed: {', '.join(failed)}")


def _figures_of(name: str, wanted: argparse.Namespace) -> object:
    """What the bench prints last, as JSON; None if it failed."""
    command = [sys.executable, "-m", f"tests.bench.bench_{name}"]
    if wanted.export and name in {"fingerprint", "review", "checks", "diagnosis"}:
        command.append(str(wanted.export))
    if wanted.export and name == "guard":
        command += ["--export", str(wanted.export)]
    if wanted.equivalence and name in {"guard", "rewrites"}:
        command += ["--equivalence", str(wanted.equivalence)]
    if wanted.guard_cases and name == "guard":
        command += ["--cases", str(wanted.guard_cases)]
    if wanted.cases and name == "scrub":
        command += ["--cases", str(wanted.cases)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return None
    for at in (position for position, letter in enumerate(done.stdout) if letter in "{["):
        try:
            return json.loads(done.stdout[at:])
        except ValueError:
            continue
    return None


def _print_table(figures: Mapping[str, Any]) -> None:
    print(f"\n{'figure':<44}{'measured':>14} {'unit':<8}{'target':<18}{'baseline':>14}")
    for line in LINES:
        value = _at(figures, f"{line.bench}/{line.path}")
        if value is None:
            continue
        baseline = _at(figures, f"{line.bench}/{line.baseline}") if line.baseline else None
        print(
            f"{line.what:<44}{_written(value):>14} {line.unit:<8}{line.target:<18}"
            f"{_written(baseline):>14}  {line.baseline_name if baseline is not None else ''}"
        )
    for bench, measured in figures.items():
        if isinstance(measured, Mapping) and "skipped" in measured:
            print(f"{bench}: SKIPPED, {measured['skipped']}")
    for figure in figures.get("store") or ():
        print(
            f"{figure['name']:<44}{_written(figure['value']):>14} {figure['unit']:<8}{'':<18}"
            f"{_written(figure['baseline']):>14}  {figure['baseline_name']}"
        )


def _at(figures: object, path: str) -> Any:
    def step(place: object, key: str) -> object:
        return place.get(key) if isinstance(place, Mapping) else None

    return reduce(step, path.split("/"), figures)


def _written(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.2f}" if isinstance(value, float) and abs(value) < 100 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
