"""Advice for a result that is an export."""

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on

EXPORT_FRACTION = 0.5
"""All slices write side by side; what it takes to make the rows stays as it is."""


def advise_on_large_result(case: CaseFile, finding: Finding) -> Advice:
    labels = [label.name for label in case.statistics.labels if label.name]
    users = [user.name for user in case.statistics.users if user.name]
    who = f"the job labelled {listed(labels, 2)}" if labels else listed(users, 3)
    return advice_on(
        case,
        finding,
        category=Category.WORKLOAD,
        title="Export these rows with UNLOAD",
        rationale=paragraph(
            finding.evidence,
            f"It is run by {who}" if who else "",
            "UNLOAD writes from all slices at once, and the reader takes the files from S3",
        ),
        action=paragraph(
            f"Ask what {who or 'the reader'} does with the rows. For a file, a data frame or "
            "another system: UNLOAD to S3 as Parquet and read that",
            "For a next step in the warehouse: CREATE TABLE AS. For a person: aggregate, or end "
            "with a LIMIT",
        ),
        expected_fraction=EXPORT_FRACTION,
        fact_ids=(case.statistics.fact_id,),
    )
