"""A filter by a text pattern, judged by the scan that has to try it on every row."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.checks.check import LARGE_STEP_ROWS, measured
from backend.checks.clauses import clauses, full_column, owner_of, statement_id
from backend.checks.effects import (
    Effect,
    effect_of_scans,
    is_unrecorded,
    unmeasured,
    weighed_finding,
)
from backend.domain.case_file import CaseFile, Clause, ClauseKind, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import percent, rows_in_words


@dataclass(frozen=True, kw_only=True)
class _Filter:
    """A pattern that filters a column of a known table, and what the check says of it."""

    check: str
    clause: Clause
    fact: TableFact
    subject: str
    title: str
    why: str


def judge_patterns(
    case: CaseFile, kind: ClauseKind, *, check: str, title: str, why: str
) -> Iterator[Finding | RuledOut]:
    """`title` and `why` are sentences about `{column}` and `{clause}`."""
    told: set[str] = set()
    for clause in clauses(case, kind):
        for use in clause.columns:
            fact = owner_of(case, use)
            subject = full_column(fact, use.column_name) if fact else ""
            if fact is None or subject in told:
                continue
            told.add(subject)
            words = {"column": subject, "clause": clause.text}
            found = _Filter(
                check=check,
                clause=clause,
                fact=fact,
                subject=subject,
                title=title.format(**words),
                why=why.format(**words),
            )
            yield from _judge(case, found)


def _judge(case: CaseFile, found: _Filter) -> Iterator[Finding | RuledOut]:
    clause, fact = found.clause, found.fact
    worth_rows = case.limit(LARGE_STEP_ROWS)
    rows = fact.table.row_count or 0
    effect = effect_of_scans(case, fact)
    if effect is None and is_unrecorded(case) and rows > worth_rows:
        effect = unmeasured()
    if effect is None:
        return
    read = max(effect.rows_in, 0 if effect.is_measured else rows)
    fact_ids = (*statement_id(case), fact.fact_id)
    if read <= worth_rows:
        yield RuledOut(
            check=found.check,
            sentence=f"{clause.text} is tried on {rows_in_words(read)} of {fact.table.full_name}"
            f" only (threshold {rows_in_words(worth_rows)}).",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    yield weighed_finding(
        case,
        effect,
        check=found.check,
        what=f"{clause.text} is tried on {rows_in_words(read)}",
        titles=(found.title, found.title.partition(" by ")[0]),
        evidence=f"{found.why}: {_does(effect, fact, read, worth_rows)}.",
        measures=(measured(case, LARGE_STEP_ROWS, "rows read", read),),
        fact_ids=fact_ids,
        subject=found.subject,
        at_most=Severity.MEDIUM if effect.fact_ids else Severity.LOW,
    )


def _does(effect: Effect, fact: TableFact, read: int, worth_rows: float) -> str:
    rows = f"{rows_in_words(read)} (threshold {rows_in_words(worth_rows)})"
    name = fact.table.full_name
    if effect.is_measured:
        kept = percent(effect.rows_out / effect.rows_in) if effect.rows_in else "none"
        return f"the scan of {name} tried it on {rows} and kept {kept}, {effect.place}"
    if effect.fact_ids:
        return f"the scan of {name}, {rows}, comes {effect.place}; no steps were recorded"
    return f"{name} has {rows}; no scan of it was recorded to measure the effect"
