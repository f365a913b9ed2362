"""Facts about what lies outside of plan and steps: the data lake, loads, materialized views."""

from backend.domain.case_file import (
    LakeErrorsFact,
    LakeScanFact,
    LakeTableFact,
    LakeUseFact,
    LoadFact,
    MaterializedViewFact,
    SlicesFact,
)
from backend.domain.lake import LakeScan, LakeTable
from backend.domain.loads import Load
from backend.domain.materialized_view import FULL_RECOMPUTE, INCREMENTAL, MaterializedView
from workbench.presenters.wording import (
    count,
    dollars,
    duration,
    full_day,
    megabytes,
    moment_text,
    number_of,
)

OutsideFact = (
    LakeScanFact
    | LakeErrorsFact
    | LakeUseFact
    | LakeTableFact
    | LoadFact
    | MaterializedViewFact
    | SlicesFact
)
ROLE_WORDS = {
    "read": "read by the statement",
    "refreshed": "refreshed by the statement",
    "same_tables": "built on the same tables as the statement",
}


def outside_sentence(fact: OutsideFact) -> str:  # noqa: PLR0911 - one for each kind of fact
    match fact:
        case LakeScanFact():
            return _scan(fact.scan)
        case LakeErrorsFact():
            return f"{number_of(fact.bad_rows, 'row')} of the run could not be read as declared"
        case LakeUseFact():
            return (
                f"{fact.table_name}: {number_of(fact.runs, 'recorded run')} on "
                f"{number_of(fact.days, 'day')} read {_bytes(fact.scanned_bytes)} in "
                f"{number_of(fact.scanned_files, 'file')}, {duration(fact.seconds)}{_charge(fact)}"
            )
        case LakeTableFact():
            return _lake_table(fact.table)
        case LoadFact():
            return _load(fact.load)
        case MaterializedViewFact():
            return f"{view_sentence(fact.view)}; {ROLE_WORDS[fact.role]}"
        case SlicesFact():
            return f"{number_of(fact.slices, 'slice')} of the cluster hold data"


def _charge(fact: LakeUseFact) -> str:
    if fact.cost is None:
        return ""
    as_of = full_day(fact.cost.prices_as_of)
    return f"; Spectrum charges {dollars(fact.cost.dollars)} for it (prices of {as_of})"


def view_sentence(view: MaterializedView) -> str:
    told = [view.full_name, _freshness(view)]
    if view.is_broken:
        told.append(f"cannot be refreshed: {view.why_broken}")
    elif view.state == INCREMENTAL:
        told.append("refreshed incrementally")
    elif view.state == FULL_RECOMPUTE:
        told.append("recomputed in full at each refresh")
    told.append("automatic refresh on" if view.is_auto_refreshed else "automatic refresh off")
    told.append("used for rewrites" if view.is_rewrite_enabled else "not used for rewrites")
    refreshes = view.refreshes
    if refreshes.full or refreshes.incremental or refreshes.failed:
        told.append(
            f"{count(refreshes.full)} full refreshes ({duration(refreshes.full_seconds)}), "
            f"{count(refreshes.incremental)} incremental "
            f"({duration(refreshes.incremental_seconds)}), {count(refreshes.failed)} failed"
        )
    if refreshes.last_at:
        told.append(f"last refresh {moment_text(refreshes.last_at)}")
    return ", ".join(told)


def _freshness(view: MaterializedView) -> str:
    if view.is_stale is None:
        return "staleness unknown"
    return "stale" if view.is_stale else "up to date"


def _scan(scan: LakeScan) -> str:
    told = [f"segment {scan.segment_id}: {scan.table_name or 'an external table'}"]
    if scan.file_format:
        told.append(scan.file_format)
    told.append(
        f"{_bytes(scan.scanned_bytes)} and {count(scan.scanned_rows)} rows of "
        f"{number_of(scan.scanned_files, 'file')} in {duration(scan.duration_seconds)}"
    )
    if scan.total_partitions:
        told.append(
            f"{count(scan.qualified_partitions)} of {count(scan.total_partitions)} partitions"
        )
    if scan.listing_seconds:
        told.append(f"{duration(scan.listing_seconds)} to list the files")
    return ", ".join(told) + (f"; warning: {scan.warning}" if scan.warning else "")


def _lake_table(table: LakeTable) -> str:
    told = [table.full_name, table.file_format or "format not told"]
    rows = table.row_count
    told.append(f"numRows {count(rows)}" if rows is not None else "numRows not set")
    keys = ", ".join(table.partition_keys)
    told.append(f"partitioned by {keys}" if keys else "no partition key known")
    return ", ".join(told)


def _load(load: Load) -> str:
    told = [
        f"{load.table_name}: {number_of(load.copies, 'copy', 'copies')} on "
        f"{number_of(load.days, 'day')}",
        f"{load.file_format}" if load.file_format else "format not told",
        f"{number_of(load.files, 'file')} of {_bytes(load.bytes_a_file)} on average",
        f"{count(load.loaded_rows)} rows",
        duration(load.seconds),
    ]
    if load.errors:
        told.append(f"{count(load.errors)} errors")
    return ", ".join(told)


def _bytes(number: float) -> str:
    return f"{number / 1e3:,.0f} kB" if number < 1e6 else megabytes(number / 1e6)
