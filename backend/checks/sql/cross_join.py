"""Two large tables stand side by side in FROM, and no condition links them.

Anti-pattern: FROM a, b without a condition between them, or CROSS JOIN, gives every row of one
with every row of the other. Mostly a condition was forgotten. Where the plan or the steps show
the loop that comes of it, nested_loop reports it with its measured rows; here it is told only
where nothing was recorded, by the sizes of the tables.

Remedy: Add the condition that links the two. Where every combination is meant, filter or aggregate
both sides first. A source of one row is harmless.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import is_unrecorded, unmeasured, weighed_finding
from backend.checks.plan.nested_loop import COMPARED_PAIRS
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, Clause, ClauseKind, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import listed, number_in_words, rows_in_words

CHECK = "cross_join"

RULES = (
    Rule(
        name="a comma or cross join without a condition",
        inputs=("SYS_QUERY_HISTORY.query_text", "SVV_TABLE_INFO.tbl_rows"),
        thresholds=(COMPARED_PAIRS,),
        peers=(
            "Snowflake: JOIN_WITH_NO_JOIN_CONDITION",
            "Infraredshift: cross-join, join-no-condition",
            "sql-sentinel: cross join, comma join",
        ),
    ),
)


def cross_join(case: CaseFile) -> Iterator[Finding | RuledOut]:
    found = clauses(case, ClauseKind.CROSS_JOIN)
    if not found or not is_unrecorded(case):
        return
    told: set[str] = set()
    for clause in found:
        sides = _largest_of_each_side(case, clause)
        subject = listed([fact.table.full_name for fact in sides])
        if len(sides) == 2 and subject not in told:
            told.add(subject)
            yield _judge(case, clause, sides, subject)


def _largest_of_each_side(case: CaseFile, clause: Clause) -> list[TableFact]:
    """Empty unless the size of every table is known."""
    names = clause.table_names
    sides = []
    for side in (names[: clause.count], names[clause.count :]):
        facts = [case.table(name) if name else None for name in side]
        known = [fact for fact in facts if fact and fact.table.row_count is not None]
        if not known or len(known) < len(facts):
            return []
        sides.append(max(known, key=lambda fact: fact.table.row_count or 0))
    return sides


def _judge(
    case: CaseFile, clause: Clause, sides: list[TableFact], subject: str
) -> Finding | RuledOut:
    one, other = (fact.table.row_count or 0 for fact in sides)
    worth_pairs = case.limit(COMPARED_PAIRS)
    fact_ids = (*statement_id(case), *dict.fromkeys(fact.fact_id for fact in sides))
    if one * other < worth_pairs:
        return RuledOut(
            check=CHECK,
            sentence=f"No condition links {clause.text}, but {rows_in_words(one)} and"
            f" {rows_in_words(other)} make {number_in_words(one * other)} pairs at most (threshold"
            f" {number_in_words(worth_pairs)}).",
            fact_ids=fact_ids,
        )
    return weighed_finding(
        case,
        unmeasured(),
        check=CHECK,
        what=f"No condition links {clause.text}",
        titles=(f"No condition links {subject}", "No condition links two large tables"),
        evidence=f"The statement reads {clause.text} without a condition between them:"
        f" {rows_in_words(one)} of {sides[0].table.full_name} and {rows_in_words(other)} of"
        f" {sides[1].table.full_name} make {number_in_words(one * other)} pairs, if no other"
        f" condition leaves fewer (threshold {number_in_words(worth_pairs)}); neither plan nor"
        " steps were recorded to measure it.",
        measures=(measured(case, COMPARED_PAIRS, "pairs", float(one) * other),),
        fact_ids=fact_ids,
        subject=subject,
    )
