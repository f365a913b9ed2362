"""Advice for joins whose columns are not compared as they are stored, or not at all."""

from backend.domain.case_file import CaseFile, Clause, ClauseKind
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.clause_of import clause_of, clause_text
from backend.panel.rules.rules_reviewer import advice_on

BARE_KEY_FRACTION = 0.5
"""The rows need not move any more, but are still read and joined."""

LINKED_FRACTION = 0.3
"""The condition may be missing on purpose."""


def advise_join_key(case: CaseFile, finding: Finding) -> Advice:
    column_name = finding.subject.rsplit(".", maxsplit=1)[-1]
    wrapped = _wrapped(case, column_name)
    if wrapped:
        expression = next(
            use.expression for use in wrapped.columns if use.column_name == column_name
        )
        action = (
            f"Store {expression} as a column of its own while loading, distribute the table by it"
            f" and join that, instead of {wrapped.text}; or bring the other side into the form of"
            f" {finding.subject}, so that this one stays bare"
        )
        title = f"Join {finding.subject} as it is stored"
    else:
        text = clause_text(
            case, finding.subject, ClauseKind.JOIN_EQUALITY, otherwise="the joined columns"
        )
        action = (
            f"Give both columns of {text} one type: add a column of the right type, fill it, and"
            " let the loads write it"
        )
        title = f"Give {finding.subject} the type of what it is joined to"
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=title,
        rationale=paragraph(
            finding.evidence,
            "Rows are distributed by the stored value; one that is worked out lies elsewhere",
        ),
        action=paragraph(action),
        expected_fraction=BARE_KEY_FRACTION,
    )


def _wrapped(case: CaseFile, column_name: str) -> Clause | None:
    found = case.statement.clauses_of(ClauseKind.JOIN_ON_EXPRESSION) if case.statement else ()
    return next(
        (
            clause
            for clause in found
            if column_name in {use.column_name for use in clause.columns[: clause.count]}
        ),
        None,
    )


def advise_cross_join(case: CaseFile, finding: Finding) -> Advice:
    clause = clause_of(case, "", ClauseKind.CROSS_JOIN)
    text = clause.text if clause else finding.subject
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Link {finding.subject}",
        rationale=paragraph(finding.evidence, "Every row of one then meets every row of the other"),
        action=paragraph(
            f"Add the condition that links {text}; where every pair is really meant, filter or"
            " aggregate both first"
        ),
        expected_fraction=LINKED_FRACTION,
    )
