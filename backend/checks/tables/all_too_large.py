"""A large table is copied whole to every node, and this pattern pays for it.

Anti-pattern: DISTSTYLE ALL keeps a copy of the table on each node. Every INSERT, UPDATE, DELETE and
COPY writes as many copies as there are nodes, storage grows likewise, and a scan of the table runs
on one slice a node instead of all. AWS calls it right only for tables that change slowly.

Remedy: Distribute the table by the column that its large joins use, or leave the style to Redshift
(ALTER DISTSTYLE AUTO turns a large ALL table into EVEN). Where ALL spares a join the move of its
other side, that join has to be weighed against it first.
"""

import re
from collections.abc import Iterator

from backend.checks.check import (
    MOST_CITED,
    UNMEASURED_SHARE,
    cited,
    largest,
    measured,
    milder,
    segment_share,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.joins_of_table import joins_of_table
from backend.checks.rule import Rule
from backend.checks.table_scans import table_scans
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, megabytes_in_words, percent, rows_in_words, titled
from backend.domain.plan import Movement
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.domain.time_buckets import Bucket

CHECK = "all_too_large"

RULES = (
    Rule(
        name="DISTSTYLE ALL of a large table that is written, or scanned for itself",
        inputs=(
            "SVV_TABLE_INFO.diststyle",
            "SVV_TABLE_INFO.tbl_rows",
            "SYS_QUERY_HISTORY.query_type",
            "SYS_QUERY_DETAIL.table_name",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_EXPLAIN.plan_node",
        ),
        thresholds=(LARGE_TABLE_ROWS,),
        peers=(
            "Infraredshift: review of DISTSTYLE ALL",
            "AWS guide: ALL only for tables that change slowly",
        ),
    ),
)

_WRITTEN = re.compile(
    r"\s*(?:insert\s+into|update|delete\s+from|delete|merge\s+into|copy)\s+"
    r'((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+)){0,2})',
    re.IGNORECASE,
)


def all_too_large(case: CaseFile) -> Iterator[Finding | RuledOut]:
    large = case.limit(LARGE_TABLE_ROWS)
    for fact in case.tables:
        # AUTO(ALL) is Redshift's own choice, which it takes back when the table grows.
        is_all = fact.table.distribution_style.strip().upper() == "ALL"
        if is_all and (fact.table.row_count or 0) > large:
            if _is_written(case, fact):
                yield _written(case, fact)
            else:
                yield from _read(case, fact)


def _is_written(case: CaseFile, fact: TableFact) -> bool:
    match = _WRITTEN.match(case.scrubbed_sql or "")
    return bool(_writing_steps(case, fact)) or (
        match is not None and case.table(match[1].replace('"', "")) == fact
    )


def _writing_steps(case: CaseFile, fact: TableFact) -> list[StepFact]:
    return largest(
        step
        for step in steps_named(case, "insert", "delete")
        if step.step.table_name and case.table(step.step.table_name) == fact
    )


def _written(case: CaseFile, fact: TableFact) -> Finding | RuledOut:
    steps = _writing_steps(case, fact)
    share = segment_share(case, steps) if steps else UNMEASURED_SHARE
    cost = (
        f"the steps that write it are in segments with {percent(share)} of the segment time"
        if steps
        else "no step was recorded that writes it, to measure what that costs"
    )
    fact_ids = (*cited(case, steps), fact.fact_id)
    what = f"Every node gets a copy of what is written to {fact.table.full_name}"
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        return too_small_to_matter(case, CHECK, what, share, fact_ids)
    if not steps:
        severity = milder(severity, at_most=Severity.LOW)
    name = fact.table.full_name
    return _finding(
        case,
        fact,
        severity,
        title=titled(f"Writes {name} to every node", "Writes a large table to every node"),
        evidence=f"{_size(case, fact)} is DISTSTYLE ALL, so every node gets a copy of what this"
        f" pattern writes; {cost}.",
        fact_ids=fact_ids,
        share=share,
    )


def _read(case: CaseFile, fact: TableFact) -> Iterator[Finding | RuledOut]:
    """A copy on every node is what makes a join DS_DIST_ALL_NONE: then it earns its keep."""
    scans = table_scans(case, fact)
    if scans is None:
        return
    spared = [
        join
        for join in joins_of_table(case, fact)
        if join.is_inner and join.node.movement is Movement.DS_DIST_ALL_NONE
    ]
    if spared:
        rows = max(join.node.children[0].rows for join in spared)
        yield RuledOut(
            check=CHECK,
            sentence=f"DISTSTYLE ALL of {_size(case, fact)} earns its keep here: it spares"
            f" {counted(len(spared), 'join')} the move of up to {rows_in_words(rows)} (estimated).",
            fact_ids=(*(join.fact_id for join in spared[:MOST_CITED]), fact.fact_id),
        )
        return
    if case.plan is None and (case.statement is None or case.statement.join_count):
        return  # It may serve a join that no plan shows.
    severity = weigh(case, Bucket.EXECUTION, scans.share)
    name = fact.table.full_name
    if severity is None:
        what = f"{_size(case, fact)} is DISTSTYLE ALL, and no join of this pattern needs the copies"
        yield too_small_to_matter(case, CHECK, what, scans.share, scans.fact_ids)
        return
    yield _finding(
        case,
        fact,
        scans.tempered(severity),
        title=titled(f"Scans {name}, of which every node has a copy", "Scans a copied large table"),
        evidence=f"{_size(case, fact)} is DISTSTYLE ALL, and no join of this pattern is spared a"
        f" move by it: on each node one slice scans all of it; {scans.cost_in_words}.",
        fact_ids=scans.fact_ids,
        share=scans.share,
    )


def _size(case: CaseFile, fact: TableFact) -> str:
    size = f", {megabytes_in_words(fact.table.size_mb)}" if fact.table.size_mb else ""
    threshold = rows_in_words(case.limit(LARGE_TABLE_ROWS))
    rows = rows_in_words(fact.table.row_count or 0)
    return f"{fact.table.full_name} ({rows}{size}; threshold {threshold})"


def _finding(
    case: CaseFile,
    fact: TableFact,
    severity: Severity,
    *,
    title: str,
    evidence: str,
    fact_ids: tuple[str, ...],
    share: float,
) -> Finding:
    rows = fact.table.row_count or 0
    return Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=title,
        evidence=evidence,
        fact_ids=fact_ids,
        subject=fact.table.full_name,
        measures=(measured(case, LARGE_TABLE_ROWS, "rows of the table", rows),),
        affected_share=share,
    )
