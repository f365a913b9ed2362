"""Advice for subqueries, and for what they make the statement read again."""

from backend.domain.case_file import CaseFile, Clause, ClauseKind
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.clause_of import clause_of
from backend.panel.rules.rules_reviewer import advice_on
from backend.sql.plan_joins import has_column

NOT_EXISTS_FRACTION = 0.2
"""The rows are joined all the same, only without regard to NULLs."""

ONE_SCAN_FRACTION = 0.6
"""One scan has to carry what several did."""


def advise_not_in(case: CaseFile, finding: Finding) -> Advice:
    clause = clause_of(case, finding.subject, ClauseKind.NOT_IN_SUBQUERY)
    table_name, _, column_name = finding.subject.rpartition(".")
    outer = clause.columns[0].expression if clause else "the outer column"
    text = clause.text if clause else "NOT IN"
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Ask by NOT EXISTS instead of NOT IN over {finding.subject}",
        rationale=paragraph(
            finding.evidence,
            "NOT EXISTS asks for no match only, which an ordinary join answers",
        ),
        action=paragraph(
            f"Replace {text} by NOT EXISTS with {table_name}.{column_name} = {outer} in the"
            f" subquery; rows whose {outer} is NULL then stay in the result",
            f"If {finding.subject} is never NULL, declare it NOT NULL when the table is next made"
            " anew: Redshift enforces that",
        ),
        expected_fraction=NOT_EXISTS_FRACTION,
    )


def advise_scalar_subquery(case: CaseFile, finding: Finding) -> Advice:
    own = [
        clause
        for clause in _correlated(case)
        if any(_is_named(case, name, finding.subject) for name in clause.table_names)
    ]
    text = own[0].text if own else "the correlated subquery"
    if _is_read_outside(case, finding.subject, len(own)):
        title = f"Read {finding.subject} once, with a window function"
        action = (
            f"Work {text} out by a window function over the scan that the statement makes anyway,"
            f" partitioned by {_tied_by(case, own, finding.subject)}; what else filters that scan"
            " has to come after it, or its values change"
        )
    else:
        title = f"Read {finding.subject} once for all its subqueries"
        action = (
            f"Put {text} and the other subqueries over {finding.subject} into one query grouped by"
            f" {_tied_by(case, own, finding.subject)}, and join that with LEFT JOIN"
        )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=title,
        rationale=paragraph(
            finding.evidence,
            "Redshift works a correlated subquery out as a join with a grouped scan of its table",
        ),
        action=paragraph(action),
        expected_fraction=ONE_SCAN_FRACTION,
    )


def advise_repeated_scan(case: CaseFile, finding: Finding) -> Advice:
    clause = clause_of(case, finding.subject, ClauseKind.REPEATED_TABLE)
    if clause and "WITH query" in clause.text:
        action = (
            f"Put the WITH query {clause.text.partition('WITH query ')[2]} into a temporary table"
            " first, with the distribution key of the joins that follow, and read that each time"
        )
    else:
        action = (
            f"Read {finding.subject} once and tell the cases apart by CASE inside the aggregates, or"
            " by GROUP BY with a row for each case; where one reading only looks up a value of the"
            " other, a window function does"
        )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Read {finding.subject} once instead of several times",
        rationale=paragraph(
            finding.evidence,
            "Each mention of the table reads its blocks anew unless Redshift sees that it is the"
            " same query",
        ),
        action=paragraph(action),
        expected_fraction=ONE_SCAN_FRACTION,
    )


def _correlated(case: CaseFile) -> tuple[Clause, ...]:
    kinds = (ClauseKind.CORRELATED_SUBQUERY, ClauseKind.SCALAR_SUBQUERY)
    return case.statement.clauses_of(*kinds) if case.statement else ()


def _is_named(case: CaseFile, name: str, subject: str) -> bool:
    fact = case.table(name)
    return fact is not None and fact.table.full_name == subject


def _is_read_outside(case: CaseFile, subject: str, own_reads: int) -> bool:
    repeated = case.statement.clauses_of(ClauseKind.REPEATED_TABLE) if case.statement else ()
    return any(
        clause.count > own_reads and _is_named(case, clause.table_names[0], subject)
        for clause in repeated
    )


def _tied_by(case: CaseFile, own: list[Clause], subject: str) -> str:
    """The subquery's own columns that tie it to the query around."""
    fact = case.table(subject)
    names = dict.fromkeys(
        use.column_name
        for clause in own
        for use in clause.columns
        if fact
        and (
            has_column(fact, use.column_name)
            if use.table_name is None
            else case.table(use.table_name) == fact
        )
    )
    return ", ".join(list(names)[:3]) or "the columns that tie it to the query around"
