"""What a case file could not hold, said with its reason and the way to get it next time."""

from collections.abc import Iterator, Sequence

from backend.domain.case_file import CaseFile, MissingEvidence
from backend.domain.evidence import Evidence
from backend.services.case_tables import FoundTables
from backend.sql.statement_head import refreshed_view

MOST_NAMES = 8

WITHOUT_PLAN = ("COPY", "LOAD", "DDL", "UTILITY", "COMMAND")
"""EXPLAIN takes SELECT, CREATE TABLE AS, INSERT, UPDATE and DELETE only (r_EXPLAIN)."""


def find_gaps(case: CaseFile, evidence: Evidence, found: FoundTables) -> Iterator[MissingEvidence]:
    yield from _run_gaps(case)
    yield from _text_gaps(case)
    yield from _plan_and_step_gaps(case, evidence)
    yield from _table_gaps(case, found)


def _run_gaps(case: CaseFile) -> Iterator[MissingEvidence]:
    days = f"{case.window_start:%Y-%m-%d} to {case.window_end:%Y-%m-%d}"
    if case.statistics.runs == 0:
        yield MissingEvidence(
            what="timed runs",
            why=f"No run from {days} ended well without being answered from the result cache.",
            how_to_get="Choose a longer window, or import a newer SYS_QUERY_HISTORY"
            " (sys_query_history.csv).",
        )
    elif case.buckets.buckets.accounted_seconds <= 0:
        yield MissingEvidence(
            what="time buckets",
            why="queue_time, planning_time, compile_time, lock_wait_time and execution_time of"
            " the runs are all zero or were not exported.",
            how_to_get="Export these columns of SYS_QUERY_HISTORY (sys_query_history.csv).",
        )


def _text_gaps(case: CaseFile) -> Iterator[MissingEvidence]:
    if case.scrubbed_sql is None:
        yield MissingEvidence(
            what="statement text",
            why=case.withheld_reason or "No text of this statement was exported.",
            how_to_get="Export SYS_QUERY_TEXT (sys_query_text.csv); a text that cannot be"
            " scrubbed with certainty stays withheld.",
        )
    elif case.statement is None and not refreshed_view(case.scrubbed_sql):
        yield MissingEvidence(
            what="parsed statement",
            why="The text does not parse: it may be cut at 4,000 characters.",
            how_to_get="Export SYS_QUERY_TEXT (sys_query_text.csv), which has the whole text.",
        )


def _plan_and_step_gaps(case: CaseFile, evidence: Evidence) -> Iterator[MissingEvidence]:
    is_refresh = refreshed_view(case.scrubbed_sql or "") is not None
    if case.plan is None and case.query_type.upper() not in WITHOUT_PLAN and not is_refresh:
        yield MissingEvidence(
            what="plan",
            why="No recorded plan of a run of this pattern was exported.",
            how_to_get="Export SYS_QUERY_EXPLAIN for its slowest runs (sys_query_explain.csv);"
            " the view keeps 7 days.",
        )
    if not case.segments or not case.steps:
        lacking = {"segments": case.segments, "steps": case.steps}
        what = " and ".join(name for name, rows in lacking.items() if not rows)
        yield MissingEvidence(
            what=what,
            why=f"No {what} of a run of this pattern were exported.",
            how_to_get="Export SYS_QUERY_DETAIL with all its metrics_level rows"
            " (sys_query_detail.csv); the view keeps 7 days.",
        )
    all_segments = len(evidence.steps.segments) if evidence.steps else 0
    if all_segments > len(case.segments):
        yield MissingEvidence(
            what="short segments",
            why=f"The run had {all_segments:,} segments; the {len(case.segments)} longest are"
            " here.",
            how_to_get="Read SYS_QUERY_DETAIL of the run itself.",
        )


def _table_gaps(case: CaseFile, found: FoundTables) -> Iterator[MissingEvidence]:
    unmeasured = [fact.table.full_name for fact in case.tables if fact.table.row_count is None]
    views = {fact.view.full_name.lower() for fact in case.materialized_views}
    unknown = [name for name in (*found.unknown, *unmeasured) if name.lower() not in views]
    if unknown:
        yield MissingEvidence(
            what="table statistics",
            why=f"SVV_TABLE_INFO has no row for {_listed(unknown)}: it leaves out views, external,"
            " temporary and empty tables, and other databases than the connected one.",
            how_to_get="Export SVV_TABLE_INFO of each database (svv_table_info.csv).",
        )
    if found.ambiguous:
        yield MissingEvidence(
            what="table statistics",
            why=f"{_listed(found.ambiguous)} exists in several schemas and the statement does"
            " not say which is meant.",
            how_to_get="Write the schema in the statement.",
        )
    bare = [fact.table.full_name for fact in case.tables if not fact.table.columns]
    if bare:
        yield MissingEvidence(
            what="columns",
            why=f"The columns of {_listed(bare)} were not exported.",
            how_to_get="Export SVV_REDSHIFT_COLUMNS (svv_redshift_columns.csv).",
        )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    listed = ", ".join(names[:MOST_NAMES])
    return f"{listed} and {more} more" if more > 0 else listed
