"""`workbench import FOLDER`: takes a folder of view exports into the store."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import asdict
from pathlib import Path

from backend import wiring
from backend.cli.figures import counted
from backend.cli.terminal import Terminal
from backend.domain.errors import UnusableInputError
from backend.services.import_report import ImportProgress, ImportReport
from backend.services.import_view_export import import_view_export
from backend.services.ports import HistoryStore
from backend.services.view_export import ViewExport

SUMMARY = "take in a folder of Redshift view exports"
EXAMPLES = """\
examples:
  workbench import exports/2026-11
  workbench import exports/2026-11 --strict     keep nothing if one row is bad
  workbench import exports/2026-11 --json

The folder holds sys_query_history and, when there, sys_query_text, sys_query_detail,
sys_query_explain, svv_table_info, svv_redshift_columns, svv_alter_table_recommendations,
stl_alert_event_log, sys_analyze_history, sys_vacuum_history and sys_auto_table_optimization, each
as .csv, .csv.gz, .parquet or .jsonl. Importing twice changes nothing.
Bad files and rows are named on stderr and left out; the good rows are kept, exit code 0. With
--strict, or if no row at all can be used, nothing is kept, exit code 2.
The first import removes the sample workload.
"""
PROBLEMS_SHOWN = 20


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--strict", action="store_true", help="keep nothing at all if any file or row is bad"
    )
    parser.add_argument(
        "--source",
        type=_source_name,
        default="export",
        metavar="NAME",
        help="a name for where the runs come from (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as one object")


def _source_name(text: str) -> str:
    if not text.strip() or text == "sample":
        raise ArgumentTypeError(f"{text!r} cannot be the name of a source")
    return text


def execute(arguments: Namespace, terminal: Terminal) -> int:
    export = wiring.open_export(arguments.folder)
    workbench = wiring.open_workbench(arguments.data_dir)
    if (workbench.store.note("origin") or "").startswith("sample"):
        _replace_sample(workbench, export, arguments, terminal)
    report = _import(export, workbench.store, workbench, arguments, terminal)
    if not report.new_runs and not report.known_runs:
        _tell_problems(report, terminal)
        raise UnusableInputError(
            f"Nothing in {arguments.folder} could be used: its history gives no run."
        )
    if arguments.json:
        terminal.json(_report_record(report))
    else:
        terminal.say(_summary(report))
    _tell_problems(report, terminal)
    return 0


def _replace_sample(
    workbench: wiring.Workbench, export: ViewExport, arguments: Namespace, terminal: Terminal
) -> None:
    """Looks first whether there is anything to put in its place."""
    if arguments.strict:
        with wiring.scratch_store() as scratch:
            _import(export, scratch, workbench, arguments, terminal)
    elif not _has_runs(export):
        raise UnusableInputError(
            f"Nothing in {arguments.folder} could be used: its history gives no run. "
            "The sample workload stays."
        )
    wiring.remove_sample(workbench)
    terminal.remark("Removed the sample workload: the store holds your own queries from here on.")


def _has_runs(export: ViewExport) -> bool:
    """Reads no further than the first run; the import tells of the problems before it."""
    return any(len(part.runs) for part in export.history(lambda _: None))


def _import(
    export: ViewExport,
    store: HistoryStore,
    workbench: wiring.Workbench,
    arguments: Namespace,
    terminal: Terminal,
) -> ImportReport:
    report = import_view_export(
        export,
        store=store,
        now=workbench.clock(),
        source=arguments.source,
        strict=arguments.strict,
        limits=workbench.limits,
        marks_key=workbench.marks_key,
        # What is only tried out leaves nothing.
        raw_texts=wiring.raw_text_keeper(workbench) if store is workbench.store else None,
        on_progress=lambda progress: terminal.progress(
            _progress_line(progress), step=f"{progress.stage} {progress.file_name}"
        ),
    )
    terminal.end_progress()
    return report


def _progress_line(progress: ImportProgress) -> str:
    total = f" of {progress.rows_total:,}" if progress.rows_total else ""
    done = f": {progress.rows_done:,}{total}" if progress.rows_done else ""
    file_name = f" {progress.file_name}" if progress.file_name else ""
    return f"{progress.stage}{file_name}{done}"


def _report_record(report: ImportReport) -> dict[str, object]:
    return {
        "new_runs": report.new_runs,
        "known_runs": report.known_runs,
        "skipped_rows": report.skipped_rows,
        "skipped": asdict(report.skipped),
        "pattern_count": report.pattern_count,
        "withheld_texts": report.withheld_texts,
        "cut_texts": report.cut_texts,
        "alerts_kept_apart": report.alerts_kept_apart,
        "files_read": list(report.files_read),
        "files_missing": list(report.files_missing),
        "problem_count": report.problem_count,
        "problems": [
            {
                "file_name": problem.file_name,
                "row_number": problem.row_number,
                "column_name": problem.column_name,
                "problem": problem.problem,
            }
            for problem in report.problems
        ],
    }


def _summary(report: ImportReport) -> str:
    known = f" ({report.known_runs:,} were known)" if report.known_runs else ""
    lines = [
        f"{counted(report.new_runs, 'new run')}{known} "
        f"of {counted(report.pattern_count, 'pattern')}."
    ]
    lines += [
        f"{count:,} {what}."
        for count, what in (
            (report.skipped.unfinished, "rows left out: still running or queued"),
            (report.skipped.system, "rows left out: the system's own work"),
            (report.skipped.own, "rows left out: this program's own statements"),
            (report.withheld_texts, "texts withheld: they could not be scrubbed"),
            (report.cut_texts, "texts cut by the view, without their other chunks"),
            (report.alerts_kept_apart, "alerts of STL that belong to no pattern known"),
        )
        if count
    ]
    if report.files_missing:
        lines.append(f"Not in the folder: {', '.join(report.files_missing)}.")
    return "\n".join(lines)


def _tell_problems(report: ImportReport, terminal: Terminal) -> None:
    if report.problems:
        terminal.remark(f"{counted(report.problem_count, 'problem')}:")
    for problem in report.problems[:PROBLEMS_SHOWN]:
        terminal.remark(f"  {problem.message}")
    if len(report.problems) > PROBLEMS_SHOWN:
        terminal.remark("  … more of them with --json")
