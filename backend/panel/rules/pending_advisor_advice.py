"""Advice to decide on what Redshift's own Advisor proposes, with what this pattern would gain."""

from backend.domain.case_file import AdvisorFact, CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.distribution_advice import DDL_CAUTION
from backend.panel.rules.rules_reviewer import advice_on
from backend.sql.action_sql import ActionKind, NotActionSqlError, read_action_sql

ADVISOR_FRACTION = 0.2
"""The Advisor weighs the whole workload: it does not say what a single pattern gains."""


def advise_on_pending(case: CaseFile, finding: Finding) -> Advice | None:
    """Only proposals of a kind that may be proposed here: others are read in the console."""
    proposals = [
        advisor
        for advisor in case.advisor
        if advisor.fact_id in finding.fact_ids and _kinds(advisor)
    ]
    if not proposals:
        return None
    groups = sorted({group for each in proposals if (group := _group(each))})
    kinds = {kind for each in proposals for kind in _kinds(each)}
    locks = kinds - {ActionKind.ENCODE_COLUMN, ActionKind.ENCODE_AUTO}
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Decide on the Advisor's proposal for {finding.subject}",
        rationale=paragraph(
            finding.evidence,
            "The Advisor sees all patterns, so what it proposes has been weighed against the others",
        ),
        action=paragraph(
            f"Apply it to {finding.subject} if nothing speaks against it",
            f"It belongs to group {listed([str(group) for group in groups])} of the Advisor's "
            "rows: apply those of the other tables with it, or none"
            if groups
            else "",
            DDL_CAUTION if locks else "The table can be read meanwhile",
        ),
        action_sql="\n".join(f"{each.advice.ddl.strip().rstrip(';')};" for each in proposals),
        expected_fraction=ADVISOR_FRACTION,
        fact_ids=tuple(each.fact_id for each in proposals),
    )


def _group(advisor: AdvisorFact) -> int:
    """Distribution keys are proposed for tables that are joined together; other rows stand alone."""
    is_distribution = advisor.advice.kind.lower() == "diststyle"
    return max(advisor.advice.group_id, 0) if is_distribution else 0


def _kinds(advisor: AdvisorFact) -> set[ActionKind]:
    try:
        return {statement.kind for statement in read_action_sql(advisor.advice.ddl)}
    except NotActionSqlError:
        return set()
