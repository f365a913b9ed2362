"""Advice for statements that write row by row, or that are too large to plan."""

from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding
from backend.domain.in_words import counted, duration_in_words, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.clause_of import clause_of
from backend.panel.rules.rules_reviewer import advice_on

BATCH_FRACTION = 0.8
"""What remains is one load for hundreds of inserts."""

TRUNCATE_FRACTION = 0.9
"""TRUNCATE takes next to no time."""

NEW_TABLE_FRACTION = 0.3
"""The rows are written all the same, but none is marked as deleted."""

PARTS_FRACTION = 0.3
"""The parts are planned as well, though each in less time."""


def advise_row_by_row_insert(case: CaseFile, finding: Finding) -> Advice:
    runs = counted(case.statistics.runs, "statement")
    each = duration_in_words(case.statistics.p50_elapsed_seconds)
    return advice_on(
        case,
        finding,
        category=Category.WORKLOAD,
        title=f"Load {finding.subject} in batches",
        rationale=paragraph(
            finding.evidence,
            "However small, each insert is planned, queued and committed on its own, and writes a "
            "block of 1 MB for every column",
        ),
        action=paragraph(
            f"Collect the rows of these {runs} (half of them take up to {each} each) and load them"
            " with one COPY from S3 every few minutes; where that cannot be, put many rows into"
            " each VALUES and commit them together"
        ),
        expected_fraction=BATCH_FRACTION,
    )


def advise_delete_without_where(case: CaseFile, finding: Finding) -> Advice:
    clause = clause_of(case, finding.subject, ClauseKind.DELETE_ALL, ClauseKind.UPDATE_ALL)
    if clause and clause.kind is ClauseKind.UPDATE_ALL:
        return advice_on(
            case,
            finding,
            category=Category.REWRITE,
            title=f"Build {finding.subject} anew instead of updating every row",
            rationale=paragraph(
                finding.evidence,
                "An UPDATE marks each row as deleted and writes it anew behind the others,"
                " unsorted, and a VACUUM has to clear that up",
            ),
            action=paragraph(
                f"Make the new {finding.subject} by CREATE TABLE AS with the values worked out, and"
                " swap the names in one transaction; or work the values out in the load that fills"
                " it"
            ),
            expected_fraction=NEW_TABLE_FRACTION,
        )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Empty {finding.subject} with TRUNCATE",
        rationale=paragraph(
            finding.evidence,
            "DELETE marks every row, and later scans still read them until a VACUUM",
        ),
        action=paragraph(
            f"Replace the DELETE by TRUNCATE {finding.subject}; it commits the transaction it runs"
            " in and cannot be rolled back, so move it to where that does no harm"
        ),
        expected_fraction=TRUNCATE_FRACTION,
    )


def advise_many_joins(case: CaseFile, finding: Finding) -> Advice:
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title="Work the statement out in parts",
        rationale=paragraph(
            finding.evidence, "The planner weighs more orders of joining with each further table"
        ),
        action=paragraph(
            "Put the part that is small and joined most into a temporary table, ANALYZE it, and"
            " join that; leave out joins whose columns nobody reads"
        ),
        expected_fraction=PARTS_FRACTION,
    )
