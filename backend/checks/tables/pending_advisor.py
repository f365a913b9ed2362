"""Redshift's own Advisor proposes a change of a table, and will not make it by itself.

Anti-pattern: SVV_ALTER_TABLE_RECOMMENDATIONS holds what the Advisor found over the whole workload.
Rows with auto_eligible = f are not applied automatically, because the table's keys or encodings were
set by hand; they stay until somebody decides.

Remedy: Look at the proposal beside what this pattern would gain, and apply it when the load is
light; where several tables share a group, apply all of them or none. Setting the table to AUTO
leaves such changes to Redshift from then on.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from backend.checks.check import (
    MOST_CITED,
    NEGLIGIBLE_IMPACT,
    cited,
    largest,
    measured,
    milder,
    segment_share,
    statement_ids,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.columns_of_table import columns_of_table
from backend.checks.joins_of_table import MOVING_STEPS, joins_of_table, moving_steps
from backend.checks.rule import Rule
from backend.checks.sort_keys import filters_column
from backend.checks.steps.data_skew import STEP_SKEWNESS
from backend.checks.table_scans import table_scans
from backend.domain.case_file import AdvisorFact, CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, listed, percent, titled
from backend.domain.time_buckets import Bucket

CHECK = "pending_advisor"

RULES = (
    Rule(
        name="an Advisor proposal that Redshift does not apply by itself",
        inputs=(
            "SVV_ALTER_TABLE_RECOMMENDATIONS.ddl",
            "SVV_ALTER_TABLE_RECOMMENDATIONS.auto_eligible",
            "SVV_ALTER_TABLE_RECOMMENDATIONS.type",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(NEGLIGIBLE_IMPACT,),
        peers=(
            "awslabs: recommendations with auto_eligible = f (REC_004, REC_007, REC_008)",
            "Advisor: alter distribution keys, sort keys, column encodings",
        ),
    ),
)

LONGEST_PROPOSAL = 160

_NAME = r'(?:"[^"]+"|[A-Za-z_][\w$]*)'
_HEAD = re.compile(rf"\s*ALTER\s+TABLE\s+{_NAME}(?:\.{_NAME}){{0,2}}\s+", re.IGNORECASE)
_SORT_COLUMNS = re.compile(rf"SORTKEY\s*\(\s*({_NAME}(?:\s*,\s*{_NAME})*)\s*\)", re.IGNORECASE)
_ENCODED_COLUMN = re.compile(rf"ALTER\s+COLUMN\s+({_NAME})\s+ENCODE", re.IGNORECASE)


_Touched = tuple[float, str, tuple[str, ...]]


def pending_advisor(case: CaseFile) -> Iterator[Finding | RuledOut]:
    pending: dict[str, list[AdvisorFact]] = defaultdict(list)
    for advisor in case.advisor:
        table = case.table(advisor.advice.table_name or "")
        if table and advisor.advice.is_auto_eligible:
            yield from _left_to_redshift(case, table, advisor)
        elif table:
            pending[table.fact_id].append(advisor)
    for fact in case.tables:
        if fact.fact_id in pending:
            yield from _judge(case, fact, pending[fact.fact_id])


def _left_to_redshift(case: CaseFile, fact: TableFact, advisor: AdvisorFact) -> Iterator[RuledOut]:
    scans = table_scans(case, fact)
    if scans:
        yield RuledOut(
            check=CHECK,
            sentence=f"Redshift's Advisor proposes {_proposal(advisor)} for {fact.table.full_name},"
            f" and may apply it by itself (auto_eligible = t); {scans.cost_in_words}.",
            fact_ids=(advisor.fact_id, *scans.fact_ids),
        )


def _judge(
    case: CaseFile, fact: TableFact, pending: Sequence[AdvisorFact]
) -> Iterator[Finding | RuledOut]:
    """One finding a table, for those of its proposals that this pattern would profit by."""
    useful: list[AdvisorFact] = []
    touched: list[_Touched] = []
    for advisor in pending:
        found = _touched(case, fact, advisor)
        if isinstance(found, RuledOut):
            yield found
        elif found:
            useful.append(advisor)
            touched.append(found)
    if not useful:
        return
    share, use, fact_ids = max(touched, key=lambda each: each[0])
    table = fact.table
    fact_ids = tuple(
        dict.fromkeys((*(advisor.fact_id for advisor in useful), *fact_ids, fact.fact_id))
    )
    what = f"Redshift's Advisor proposes {listed([_proposal(each) for each in useful])}"
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        proposal = f"{what} for {table.full_name}"
        yield too_small_to_matter(case, CHECK, proposal, share, fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Redshift's Advisor proposes to change {table.full_name}",
            "Redshift's Advisor proposes to change a table",
        ),
        evidence=f"{what} for {table.full_name}, and will not apply it by itself (auto_eligible ="
        f" f). {use} (threshold {percent(case.limit(NEGLIGIBLE_IMPACT))}).",
        fact_ids=fact_ids,
        subject=table.full_name,
        measures=(measured(case, NEGLIGIBLE_IMPACT, "part of the execution", share),),
        affected_share=share,
    )


def _touched(case: CaseFile, fact: TableFact, advisor: AdvisorFact) -> _Touched | RuledOut | None:
    """The share of the time that the proposal is about, in words, and what proves it.

    None where nothing tells whether this pattern would profit.
    """
    kind = advisor.advice.kind.lower()
    if kind == "diststyle":
        return _touched_moves(case, fact, advisor)
    scans = table_scans(case, fact)
    if scans is None:
        return None
    if kind == "sortkey":
        columns = _names(match[1] if (match := _SORT_COLUMNS.search(advisor.advice.ddl)) else "")
        used = [column for column in columns if filters_column(case, fact, column)]
        does, is_known, part = "filter", case.statement is not None, 1.0
    else:
        columns = [_bare(name) for name in _ENCODED_COLUMN.findall(advisor.advice.ddl)]
        of_table = columns_of_table(case, fact)
        read = {column.name.lower() for column in of_table.read} if of_table else set()
        used = [column for column in columns if column in read]
        does, is_known = "read", of_table is not None
        part = len(used) / len(read) if read else 1.0
    if columns and is_known and not used:
        return RuledOut(
            check=CHECK,
            sentence=f"Redshift's Advisor proposes {_proposal(advisor)} for {fact.table.full_name},"
            f" but this statement does not {does} {listed(columns)}; {scans.cost_in_words}.",
            fact_ids=(advisor.fact_id, *scans.fact_ids, *statement_ids(case)),
        )
    about = f"The statement {does}s {listed(used)}" if used else "This pattern reads the table"
    fact_ids = (*scans.fact_ids, *statement_ids(case))
    return scans.share * part, f"{about}; {scans.cost_in_words}", fact_ids


def _touched_moves(
    case: CaseFile, fact: TableFact, advisor: AdvisorFact
) -> _Touched | RuledOut | None:
    """Another distribution spares moves, or evens out scans that are skewed."""
    if not case.steps:
        return None
    scans = table_scans(case, fact)
    skewness = max((each.step.data_skewness for each in scans.steps), default=0) if scans else 0
    if scans and skewness >= case.limit(STEP_SKEWNESS):
        about = f"Its scans reach a data skewness of {skewness}; {scans.cost_in_words}"
        return scans.share * skewness / 100, about, scans.fact_ids
    joins = [join for join in joins_of_table(case, fact) if join.node.movement]
    moved = [join for join in joins if join.is_moved]
    if joins and not moved:
        return RuledOut(
            check=CHECK,
            sentence=f"Redshift's Advisor proposes {_proposal(advisor)} for {fact.table.full_name},"
            f" but of the {counted(len(joins), 'join')} of the table in this plan none moves it.",
            fact_ids=(
                advisor.fact_id,
                fact.fact_id,
                *(join.fact_id for join in joins[:MOST_CITED]),
            ),
        )
    steps = largest(moving_steps(case, moved) if moved else _any_moves(case))
    if not steps:
        return None
    share = segment_share(case, steps)
    whose = "it" if moved else "rows for its joins"
    about = f"The steps that move {whose} are in segments with {percent(share)} of the segment time"
    fact_ids = (*(join.fact_id for join in moved[:MOST_CITED]), *cited(case, steps))
    return share, about, fact_ids


def _any_moves(case: CaseFile) -> list[StepFact]:
    """Where no plan names the joins, all moves of a statement that does join."""
    joins = case.statement.join_count if case.statement else 0
    return steps_named(case, *MOVING_STEPS) if case.plan is None and joins else []


def _proposal(advisor: AdvisorFact) -> str:
    """The ddl without the table's name: `ALTER DISTSTYLE KEY DISTKEY "order_id"`"""
    text = _HEAD.sub("", " ".join(advisor.advice.ddl.split()), count=1).rstrip(";")
    return text if len(text) <= LONGEST_PROPOSAL else f"{text[: LONGEST_PROPOSAL - 1]}…"


def _names(text: str) -> list[str]:
    return [_bare(name) for name in re.findall(_NAME, text)]


def _bare(name: str) -> str:
    return name.strip('"').lower()
