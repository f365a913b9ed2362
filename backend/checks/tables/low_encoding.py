"""Many columns of a large table are stored uncompressed, and this statement reads some of them.

Anti-pattern: A column without an encoding takes several times the blocks, and every scan reads them
all. Raw is right for the first sort column and for BOOLEAN, REAL and DOUBLE PRECISION only.

Remedy: Let Redshift choose the encodings (ALTER ENCODE AUTO), or set them: AZ64 for numbers and
dates, ZSTD for text. The table can be read meanwhile. Columns that no statement reads can wait.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import measured, statement_ids, too_small_to_matter, weigh
from backend.checks.columns_of_table import ColumnsOfTable, columns_of_table
from backend.checks.rule import Rule
from backend.checks.table_scans import TableScans, large_scans
from backend.domain.case_file import CaseFile
from backend.domain.evidence import Column
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, listed, percent, titled
from backend.domain.threshold import ENCODED_SHARE, LARGE_TABLE_ROWS
from backend.domain.time_buckets import Bucket

CHECK = "low_encoding"

RULES = (
    Rule(
        name="few columns of a large table are encoded",
        inputs=(
            "SVV_TABLE_INFO.encoded",
            "SVV_TABLE_INFO.tbl_rows",
            "SVV_REDSHIFT_COLUMNS.encoding",
            "SVV_REDSHIFT_COLUMNS.data_type",
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(ENCODED_SHARE, LARGE_TABLE_ROWS),
        peers=(
            "awslabs: fewer than 80 % of the columns encoded (REC_004)",
            "Advisor: alter column encodings",
        ),
    ),
)


def low_encoding(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for scans in large_scans(case):
        table = scans.fact.table
        raw = [column for column in table.columns if column.is_needlessly_raw]
        encoded = 1 - len(raw) / len(table.columns) if table.columns else 1.0
        if encoded < case.limit(ENCODED_SHARE):
            yield _judge(case, scans, raw, encoded)


def _judge(
    case: CaseFile, scans: TableScans, raw: Sequence[Column], encoded: float
) -> Finding | RuledOut:
    table = scans.fact.table
    what = (
        f"{table.full_name} has {percent(encoded)} of its {counted(len(table.columns), 'column')}"
        f" encoded (threshold {percent(case.limit(ENCODED_SHARE))})"
    )
    fact_ids = (*scans.fact_ids, *statement_ids(case))
    if "AUTO(ENCODE" in (table.encoded or "").upper():
        return RuledOut(
            check=CHECK,
            sentence=f"{what}, but Redshift itself chooses the encodings (ENCODE AUTO).",
            fact_ids=fact_ids,
        )
    used = columns_of_table(case, scans.fact)
    read = [column for column in raw if used is None or column in used.read]
    if not read:
        return RuledOut(
            check=CHECK,
            sentence=f"{what}, but this statement reads none of the {len(raw)} others"
            f" ({_names(raw)}).",
            fact_ids=fact_ids,
        )
    # Other columns are read in the same time, and compressing these leaves them as they are.
    share = scans.share * _part(read, used)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        return too_small_to_matter(case, CHECK, what, share, fact_ids)
    return Finding(
        check=CHECK,
        severity=scans.tempered(severity),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"{counted(len(raw), 'column')} of {table.full_name}"
            f" {'is' if len(raw) == 1 else 'are'} not compressed",
            "Many columns of a large table are not compressed",
        ),
        evidence=f"{what}; uncompressed: {_names(raw)}. {_used(read, used)};"
        f" {scans.cost_in_words}.",
        fact_ids=fact_ids,
        subject=table.full_name,
        measures=(measured(case, ENCODED_SHARE, "encoded columns", encoded),),
        affected_share=share,
    )


def _part(read: Sequence[Column], used: ColumnsOfTable | None) -> float:
    """By count: how wide the values really are is not known."""
    return len(read) / len(used.read) if used else 1.0


def _used(read: Sequence[Column], used: ColumnsOfTable | None) -> str:
    if used is None:
        return "Which of them the statement reads is not known"
    return (
        f"Of the {counted(len(used.read), 'column')} that the statement reads {len(read)}"
        f" {'is' if len(read) == 1 else 'are'} uncompressed ({_names(read)})"
    )


def _names(columns: Sequence[Column]) -> str:
    return listed([column.name for column in columns], 6)
