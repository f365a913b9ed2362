"""Advice on how columns are stored: encodings, and how wide they are declared."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.evidence import Column
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.domain.threshold import ANALYZE_SKIPS_VARCHAR
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import advisor_opinion, size_of, sort_column
from backend.sql.action_sql import encode_automatically, encode_column, longest_value

RAW_SORT_COLUMN_FRACTION = 0.3
"""Scans then read fewer blocks beyond their range; how many fewer the views do not tell."""

ENCODING_FRACTION = 0.3
"""Compressed columns take a third of the blocks or less, but reading blocks is not all of a scan."""

DECLARED_WIDTH_FRACTION = 0.2
"""How wide the values really are nobody has looked up yet."""

_TEXT_TYPES = ("char", "varchar", "bpchar", "nvarchar", "text")


def advise_raw_sort_column(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject)
    column_name = sort_column(fact.table) if fact else None
    if fact is None or column_name is None:
        return None
    table = fact.table
    action_sql = encode_column(table, column_name, "raw")
    opinion, opinion_facts = advisor_opinion(case, fact, kind="encode", proposed_sql=action_sql)
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Store the sort column {column_name} of {table.full_name} raw",
        rationale=paragraph(
            finding.evidence,
            f"Raw, a block of {column_name} spans fewer rows, so fewer rows outside the range are "
            "read",
            opinion,
        ),
        action=paragraph(
            f"Set the encoding of {column_name} to raw; {table.full_name} {size_of(table)} can be "
            "read meanwhile",
            f"Or leave all encodings of {table.full_name} to Redshift with ALTER ENCODE AUTO",
        ),
        action_sql=action_sql,
        expected_fraction=RAW_SORT_COLUMN_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def advise_encoding(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject)
    if fact is None:
        return None
    table = fact.table
    action_sql = encode_automatically(table)
    opinion, opinion_facts = advisor_opinion(case, fact, kind="encode", proposed_sql=action_sql)
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Let Redshift choose the encodings of {table.full_name}",
        rationale=paragraph(
            finding.evidence,
            "Compressed, these columns take fewer blocks, and a scan reads that much less",
            opinion,
        ),
        action=paragraph(
            f"Set ENCODE AUTO on {table.full_name} {size_of(table)}: Redshift then compresses its "
            "columns in the background",
            _by_hand(fact),
        ),
        action_sql=action_sql,
        expected_fraction=ENCODING_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _by_hand(fact: TableFact) -> str:
    """AZ64 for numbers and dates, ZSTD for text (AWS: REC_004)."""
    raw = [column for column in fact.table.columns if column.is_needlessly_raw]
    text = [column.name for column in raw if _is_text(column)]
    others = [column.name for column in raw if not _is_text(column)]
    kinds = [f"zstd for {listed(text)}"] if text else []
    kinds += [f"az64 for {listed(others)}"] if others else []
    return f"To have it at once, alter the columns yourself: {listed(kinds)}" if kinds else ""


def _is_text(column: Column) -> bool:
    return column.data_type.lower().startswith(_TEXT_TYPES)


def advise_on_declared_width(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject)
    wide = _named(case, fact, finding) if fact else None
    if fact is None or wide is None:
        return None
    table = fact.table
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Declare {wide.name} of {table.full_name} no wider than it is",
        rationale=paragraph(
            finding.evidence,
            "Rows are stored at their real length, but of a column as wide ANALYZE collects no "
            "statistics, and the planner takes the declared one",
        ),
        action=paragraph(
            f"See how long the longest {wide.name} really is; if that is far below "
            f"{wide.data_type}, alter the column to that width and some room (ALTER COLUMN … "
            "TYPE varchar), or carry only the part of it that the reader needs"
        ),
        action_sql=longest_value(table, wide.name),
        expected_fraction=DECLARED_WIDTH_FRACTION,
        fact_ids=(fact.fact_id,),
    )


def _named(case: CaseFile, fact: TableFact, finding: Finding) -> Column | None:
    """The first column that the finding speaks of and that ANALYZE skips: of any other, ANALYZE
    is the advice, and missing_statistics gives it."""
    named = (
        column
        for column in fact.table.columns
        if f"{column.name} {column.data_type}" in finding.evidence
        and column.varchar_bytes >= case.limit(ANALYZE_SKIPS_VARCHAR)
    )
    return next(named, None)
