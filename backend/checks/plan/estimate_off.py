"""The planner expected far fewer rows than came, and chose the plan by that.

Anti-pattern: Rows that are thought to be few are broadcast, hashed or looped over. If a hundred
times as many come, that was the wrong choice, and memory is short as well. An estimate that is
wrong where nothing depends on it does no harm.

Remedy: ANALYZE, where stats_off or a notice of the plan says that statistics are missing. Where
they are fresh the planner cannot know better: conditions that hang together, functions around
columns, joins on keys that repeat. Then put the part with the wrong estimate into a temporary
table first, which the planner knows the size of, or filter the plain column.
"""

from collections.abc import Iterator

from backend.checks.check import (
    LARGE_STEP_ROWS,
    cited,
    full_name,
    largest,
    measured,
    segment_share,
    too_small_to_matter,
    weigh,
)
from backend.checks.joins_of_plan import side_in_words
from backend.checks.plan.large_broadcast import large_broadcast
from backend.checks.plan.nested_loop import nested_loop
from backend.checks.rule import Rule
from backend.checks.steps.spill_to_disk import spill_to_disk
from backend.checks.wrong_estimates import Consequence, WrongEstimate, wrong_estimates
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import number_in_words, percent, rows_in_words, titled
from backend.domain.plan_difference import ESTIMATE_OFF, ESTIMATE_WORTH_ROWS
from backend.domain.threshold import STATISTICS_OFF_PERCENT
from backend.domain.time_buckets import Bucket

CHECK = "estimate_off"

RULES = (
    Rule(
        name="a row estimate that is far too low, with a consequence",
        inputs=(
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.plan_node_id",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_DETAIL.spilled_block_local_disk",
        ),
        thresholds=(
            ESTIMATE_OFF,
            ESTIMATE_WORTH_ROWS,
            LARGE_STEP_ROWS,
            STATISTICS_OFF_PERCENT,
        ),
        peers=(
            "redshift-guide: estimate vs actual",
            "Infraredshift: actual 100 times the estimate",
            "PerformanceStudio: estimate 10 times off",
            "pev2: bad row estimate factor",
        ),
    ),
)


def estimate_off(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """One finding a table, the largest error of it; plan and steps must be of one run."""
    wrong = wrong_estimates(case)
    harmless = _harmless_here(case) if wrong else set()
    harmful: dict[str, WrongEstimate] = {}
    # Of a scan and the hash of its rows the scan tells more.
    for each in sorted(wrong, key=lambda one: "Scan" not in one.error.operator):
        if each.consequence and each.consequence not in harmless:
            harmful.setdefault(_table(case, each), each)
    for table, each in harmful.items():
        yield from _judge(case, table, each)
    if wrong and not harmful:
        yield _rule_out(case, wrong[0])


def _harmless_here(case: CaseFile) -> set[Consequence]:
    """What other checks have ruled out as a cause of lost time."""
    owners = {
        Consequence.LOOPED: nested_loop,
        Consequence.BROADCAST: large_broadcast,
        Consequence.SPILLED: spill_to_disk,
    }
    return {
        consequence
        for consequence, check in owners.items()
        if not any(isinstance(said, Finding) for said in check(case))
    }


def _table(case: CaseFile, wrong: WrongEstimate) -> str:
    """The scanned table, empty where the rows are what a join or an aggregate made."""
    error = wrong.error
    is_scan = "Scan" in error.operator or error.operator.endswith("Hash")
    return full_name(case, error.table_names[0]) if is_scan and len(error.table_names) == 1 else ""


def _rule_out(case: CaseFile, wrong: WrongEstimate) -> RuledOut:
    error = wrong.error
    harmless = (
        "no broadcast, hash, nested loop or spill that takes time rests on it"
        if error.is_too_low
        else "that is too many: too few make the planner broadcast, hash or loop over too much"
    )
    return RuledOut(
        check=CHECK,
        sentence=f"A wrong estimate is not the cause: {_as_clause(error.sentence)} (threshold"
        f" {case.limit(ESTIMATE_OFF):g}), but {harmless}.",
        fact_ids=_fact_ids(case, wrong),
    )


def _judge(case: CaseFile, table: str, wrong: WrongEstimate) -> Iterator[Finding | RuledOut]:
    error = wrong.error
    share = segment_share(case, wrong.steps)
    severity = weigh(case, Bucket.EXECUTION, share)
    fact = case.table(table) if table else None
    fact_ids = (*_fact_ids(case, wrong), *((fact.fact_id,) if fact else ()))
    came = rows_in_words(error.measured_rows)
    if severity is None:
        what = f"{came} came where {number_in_words(error.estimated_rows)} were expected"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=table)
        return
    of_table = f" of {table}" if table else ""
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Expected {number_in_words(error.estimated_rows)} rows{of_table},"
            f" {number_in_words(error.measured_rows)} came",
            f"Expected {number_in_words(error.estimated_rows)} rows, got"
            f" {number_in_words(error.measured_rows)}",
        ),
        evidence=f"{error.sentence.removesuffix('.')} (threshold {case.limit(ESTIMATE_OFF):g})."
        f" They were {wrong.consequence.value if wrong.consequence else ''}{_partner(case, wrong)}, in segments with"
        f" {percent(share)} of the segment time.{_statistics(case, table)}",
        fact_ids=fact_ids,
        subject=table,
        measures=(measured(case, ESTIMATE_OFF, "rows by estimate", error.times_off),),
        affected_share=share,
    )


def _as_clause(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].removesuffix(".")


def _partner(case: CaseFile, wrong: WrongEstimate) -> str:
    if wrong.join is None:
        return ""
    below = {node.node_id for node in wrong.join.children[1].walk()}
    other = wrong.join.children[0 if wrong.error.node_id in below else 1]
    return f" for the join with {side_in_words(case, other)}"


def _statistics(case: CaseFile, table: str) -> str:
    """Whether ANALYZE could have a part in it."""
    fact = case.table(table) if table else None
    off = fact.table.statistics_off_percent if fact else None
    if off is None:
        return ""
    limit = f"threshold {case.limit(STATISTICS_OFF_PERCENT):g}"
    stale = off > case.limit(STATISTICS_OFF_PERCENT)
    state = "are out of date" if stale else "are fresh, so ANALYZE would not mend it"
    return f" The statistics of {table} {state}: stats_off {off:g} ({limit})."


def _fact_ids(case: CaseFile, wrong: WrongEstimate) -> tuple[str, ...]:
    nodes = [case.node_fact(wrong.error.node_id)]
    if wrong.join is not None:
        nodes.append(case.node_fact(wrong.join.node_id))
    ids = (fact.fact_id for fact in nodes if fact)
    return tuple(dict.fromkeys((*ids, *cited(case, largest(wrong.steps)))))
