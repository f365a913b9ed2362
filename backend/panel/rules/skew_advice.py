"""Advice for rows that crowd on one slice: of a table, or while the statement runs."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding, Severity
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.distribution_advice import DDL_CAUTION
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.statement_joins import joins_on
from backend.panel.rules.table_design import advisor_agrees, advisor_opinion, size_of, style_of
from backend.sql.action_sql import count_by_value, distribute
from backend.sql.plan_joins import distribution_key, has_column
from backend.sql.statement_joins import can_be_read

EVEN_SPREAD_FRACTION = 0.4
"""The slowest slice sets the time; spreading helps until the next uneven step."""

LOOK_FIRST_FRACTION = 0.1
"""What can be done depends on the values, which nobody has looked at yet."""


def advise_on_skew(case: CaseFile, finding: Finding) -> Advice:
    fact = case.table(finding.subject) if finding.subject else None
    key = distribution_key(fact) if fact else None
    if fact is None or key is None:
        return _look_at_the_steps(case, finding)
    even = distribute(fact.table, "EVEN")
    if advisor_agrees(case, fact, kind="diststyle", proposed_sql=even):
        return _spread_evenly(case, finding, fact, key)
    # A small gain for one pattern is no reason to rewrite a table that others read too.
    if finding.severity is Severity.LOW or _may_serve_a_join(case, fact, key):
        return _look_at_the_values(case, finding, fact, key)
    return _spread_evenly(case, finding, fact, key)


def advise_on_slow_slice(case: CaseFile, finding: Finding) -> Advice:
    """Rows are even and time is not: neither a table's design nor more nodes can mend that."""
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title="Find out why one slice is slow",
        rationale=paragraph(
            finding.evidence,
            "More nodes would wait for it all the same, and another DISTKEY would spread rows that "
            "are spread already",
        ),
        action=paragraph(
            "Look for an expression in these steps that costs far more for some values: a pattern "
            "match, a UDF, a function on long texts. Leave it out once, for a test",
            "If other patterns have a slow slice at the same hours, it is a node: look at its CPU "
            "and disk, and open a case with AWS",
        ),
        expected_fraction=LOOK_FIRST_FRACTION,
    )


def _spread_evenly(case: CaseFile, finding: Finding, fact: TableFact, key: str) -> Advice:
    table = fact.table
    action_sql = distribute(table, "EVEN")
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle", proposed_sql=action_sql)
    use = "joins on" if _may_serve_a_join(case, fact, key) else "does not join on"
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Spread the rows of {table.full_name} evenly",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is {style_of(fact)}; this pattern {use} {key}",
            opinion,
        ),
        action=paragraph(
            f"Set DISTSTYLE EVEN on {table.full_name}, or a DISTKEY with more even values that "
            f"other patterns join on, after a look at what {key} serves there",
            DDL_CAUTION,
        ),
        action_sql=action_sql,
        expected_fraction=EVEN_SPREAD_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _look_at_the_values(case: CaseFile, finding: Finding, fact: TableFact, key: str) -> Advice:
    table = fact.table
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle")
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"See which values of {key} crowd {table.full_name}",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is {style_of(fact)}. Joins on {key}, here or "
            "in other patterns, profit from that, so an even spread has its price",
            opinion,
        ),
        action=paragraph(
            f"Count the rows by {key}. If a few values hold most of them and no reader needs "
            "these, filter them out before the join; else look for a DISTKEY with more even values"
        ),
        action_sql=count_by_value(table, key) if has_column(fact, key) else None,
        expected_fraction=LOOK_FIRST_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _look_at_the_steps(case: CaseFile, finding: Finding) -> Advice:
    skewed = [
        f"{fact.step.step_name.strip()} of {fact.step.table_name}"
        if fact.step.table_name
        else fact.step.step_name.strip()
        for fact in case.steps
        if fact.fact_id in finding.fact_ids and fact.step.data_skewness > 0
    ]
    steps = f" (here {listed(list(dict.fromkeys(skewed)))})" if skewed else ""
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Find the values that crowd one slice{_in_step(case, finding)}",
        rationale=paragraph(
            finding.evidence,
            f"A step{steps} ends only when its fullest slice does; the other slices wait for it",
        ),
        action=paragraph(
            "Count the rows by the columns that the statement joins and groups on; treat the few "
            "values that hold most rows, often NULL or a default, apart"
        ),
        expected_fraction=LOOK_FIRST_FRACTION,
    )


def _in_step(case: CaseFile, finding: Finding) -> str:
    """` of the hashjoin`, where all skewed steps have one name."""
    names = {
        fact.step.step_name.strip()
        for fact in case.steps
        if fact.fact_id in finding.fact_ids and fact.step.data_skewness > 0
    }
    return f" of the {names.pop()} step" if len(names) == 1 else ""


def _may_serve_a_join(case: CaseFile, fact: TableFact, key: str) -> bool:
    """Also true where neither plan nor statement can tell."""
    if case.plan is None and not can_be_read(case):
        return True
    in_plan = any(
        f".{key}" in condition.text.lower().replace('"', "")
        for node in case.plan_nodes
        if node.node.is_join
        for condition in node.node.conditions
    )
    return (in_plan and has_column(fact, key)) or joins_on(case, fact, key)
