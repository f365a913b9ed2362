"""Advice for wide rows that are carried through a whole statement."""

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on
from backend.sql.named_columns import wide_columns

MOST_COLUMNS = 3

NARROW_ROWS_FRACTION = 0.25
"""Narrow rows need less memory and travel faster; they are as many as before."""


def advise_on_width(case: CaseFile, finding: Finding) -> Advice | None:
    """Only where the columns that make the rows wide are known."""
    wide = list(wide_columns(case))[:MOST_COLUMNS]
    names = [f"{fact.table.full_name}.{column}" for fact, column, _ in wide]
    if not names:
        return None
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Bring in {names[0]} at the end",
        rationale=paragraph(
            finding.evidence,
            "Every byte of a row is hashed, sorted or sent along with it, whether the step needs it "
            "or not",
        ),
        action=paragraph(
            "Join, group and sort the keys and figures alone, and join "
            f"{listed(names)} to the rows that remain; leave out what nobody reads, and keep long texts "
            "out of GROUP BY and DISTINCT"
        ),
        expected_fraction=NARROW_ROWS_FRACTION,
        fact_ids=tuple(dict.fromkeys(fact.fact_id for fact, _, _ in wide)),
    )
