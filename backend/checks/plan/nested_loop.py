"""A join compares every row of one side with every row of the other.

Anti-pattern: A join without a usable equality becomes a nested loop: a forgotten join condition,
a comma join, a condition with OR, with a function on both sides, or with ranges only. Its work
grows with the product of the two sides. A loop over a handful of constant rows is harmless, and
for a range or an inequality it is the normal join, as long as it multiplies no rows.

Remedy: Add or repair the equality. Split an OR into two joins with UNION ALL. For ranges, join on
a coarser equality first (the day of the timestamp, the bucket of the value) and keep the range as
a filter. Where every combination is truly wanted, shrink both sides before the join.
"""

from collections.abc import Iterator, Sequence

from backend.checks.alerts import (
    PLANNER_ALERTS,
    AlertKind,
    alert_ids,
    although_alerted,
    judge_alert_alone,
)
from backend.checks.check import (
    LARGE_STEP_ROWS,
    MOST_CITED,
    base_tables,
    blamed,
    cited,
    cost_share,
    full_name,
    join_tables,
    largest,
    measured,
    milder,
    plan_nodes,
    segment_share,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.loop_conditions import (
    Loop,
    condition_of,
    multiplies_nothing,
    normal_for,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, number_in_words, percent, rows_in_words, titled
from backend.domain.plan import PlanNode
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "nested_loop"

FEW_INNER_ROWS = Threshold(
    name="loop_inner_rows",
    default=10,
    unit="rows",
    meaning="a loop over fewer inner rows is harmless",
    source=f"{OWN}: they are a constant, a scalar subquery or a short list",
)
COMPARED_PAIRS = Threshold(
    name="loop_compared_pairs",
    default=1e9,
    unit="pairs",
    meaning="a loop counts if the plan expects so many comparisons, however little it puts out",
    source=OWN,
)
DOMINATING_SHARE = Threshold(
    name="loop_segment_share",
    default=0.25,
    unit="share",
    meaning="a loop counts if its segments take this part of the time, however little it puts out",
    source=OWN,
)
INPUT_ROWS = Threshold(
    name="loop_input_rows",
    default=1_000_000,
    unit="rows",
    meaning="a loop that puts out little counts if it takes in more",
    source=OWN,
)
RULES = (
    Rule(
        name="nested loop over many rows",
        inputs=(
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.alert",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(
            LARGE_STEP_ROWS,
            FEW_INNER_ROWS,
            COMPARED_PAIRS,
            DOMINATING_SHARE,
            INPUT_ROWS,
            PLANNER_ALERTS,
        ),
        peers=(
            "awslabs: nestloop above 5 million rows (REC_009)",
            "STL alert: Nested Loop Join in the query plan",
            "Snowflake: JOIN_WITH_NO_JOIN_CONDITION, INEFFICIENT_JOIN_CONDITION",
            "Infraredshift: cross-join, join-no-condition",
        ),
    ),
)


def nested_loop(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Rows of the nestloop steps decide where there are any, the plan's estimate elsewhere."""
    loops = sorted(
        (
            (node, fact_id)
            for node, fact_id in plan_nodes(case)
            if "Nested Loop" in node.operator and len(node.children) > 1
        ),
        key=lambda loop: -_pairs(loop[0]),
    )
    steps = largest(steps_named(case, "nestloop"))
    few = case.limit(FEW_INNER_ROWS)
    is_small = all(node.children[1].rows <= few for node, _ in loops)
    if loops and is_small and not any(_multiplies(case, fact) for fact in steps):
        node, fact_id = loops[0]
        yield RuledOut(
            check=CHECK,
            sentence="The nested loop is harmless: its inner side has"
            f" {rows_in_words(node.children[1].rows)} by estimate (threshold"
            f" {rows_in_words(few)}).",
            fact_ids=(fact_id,),
        )
    elif steps:
        yield from _by_steps(case, steps, loops)
    elif loops and not case.steps:
        yield from _by_estimate(case, loops)
    elif not loops:
        yield from _by_alert(case)


def _by_alert(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Neither a loop in the plan nor a nestloop step."""
    ids = alert_ids(case, AlertKind.NESTED_LOOP)
    if ids and (case.steps or case.plan):
        yield RuledOut(
            check=CHECK,
            sentence="The recorded run has 0 nested loops in its plan and steps"
            f"{although_alerted(ids)}.",
            fact_ids=ids,
        )
    else:
        yield from judge_alert_alone(
            case,
            check=CHECK,
            about="a nested loop",
            title="Redshift raised an alert about a nested loop",
            ids=ids,
        )


def _multiplies(case: CaseFile, fact: StepFact) -> bool:
    """Puts out more than a few inner rows could make of what it took in: a wrong estimate."""
    taken_in = max(fact.step.input_rows, case.limit(LARGE_STEP_ROWS))
    return fact.step.output_rows > case.limit(FEW_INNER_ROWS) * taken_in


def _by_steps(
    case: CaseFile, steps: Sequence[StepFact], loops: Sequence[Loop]
) -> Iterator[Finding | RuledOut]:
    large = [fact for fact in steps if fact.step.output_rows > case.limit(LARGE_STEP_ROWS)]
    judged = large or [fact for fact in steps if fact.step.input_rows > case.limit(INPUT_ROWS)]
    share = segment_share(case, judged)
    loops = blamed(case, judged or steps[:1], loops)
    fact_ids = (*cited(case, judged or steps[:1]), *(fact_id for _, fact_id in loops[:1]))
    most = max(fact.step.output_rows for fact in steps)
    dominating = case.limit(DOMINATING_SHARE)
    if not large and share < dominating:
        yield RuledOut(
            check=CHECK,
            sentence=f"The nested loop put out {rows_in_words(most)} at most (threshold"
            f" {rows_in_words(case.limit(LARGE_STEP_ROWS))})"
            f"{_small_work(case, steps, share if judged else None)}{normal_for(loops)}.",
            fact_ids=fact_ids,
        )
        return
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"A nested loop puts out {rows_in_words(most)}"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    does = f"puts out {rows_in_words(most)}"
    up_to = "up to " if len(judged) > 1 else ""
    loop_steps = counted(len(judged), "nested-loop step")
    evidence = (
        f"{loop_steps} put out {up_to}{rows_in_words(most)} (threshold"
        f" {rows_in_words(case.limit(LARGE_STEP_ROWS))}), in segments with {percent(share)} of the segment"
        " time."
    )
    measure = measured(case, LARGE_STEP_ROWS, "loop output", most)
    if not large:
        does = f"takes {percent(share)} of the segment time"
        evidence = (
            f"{loop_steps} put out only {up_to}{rows_in_words(most)}, but took in {up_to}"
            f"{rows_in_words(max(fact.step.input_rows for fact in judged))} and ran in segments"
            f" with {percent(share)} of the segment time (threshold {percent(dominating)})."
        )
        measure = measured(case, DOMINATING_SHARE, "segment time", share)
    is_normal = multiplies_nothing(loops, judged, fewer_pairs_than=case.limit(COMPARED_PAIRS))
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.LOW) if is_normal else severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"A nested loop{_between(case, loops)} {does}", f"A nested loop {does}"),
        evidence=evidence + condition_of(loops, is_normal=is_normal),
        fact_ids=fact_ids,
        measures=(measure,),
        affected_share=share,
    )


def _by_estimate(case: CaseFile, loops: Sequence[Loop]) -> Iterator[Finding | RuledOut]:
    large = [
        loop
        for loop in loops
        if loop[0].children[1].rows > case.limit(FEW_INNER_ROWS)
        and (
            loop[0].rows > case.limit(LARGE_STEP_ROWS)
            or _pairs(loop[0]) >= case.limit(COMPARED_PAIRS)
        )
    ]
    pairs = case.limit(COMPARED_PAIRS)
    multiplying = [x for x in large if not multiplies_nothing([x], fewer_pairs_than=pairs)]
    node, fact_id = (multiplying or large or list(loops))[0]
    outer, inner = node.children[0].rows, node.children[1].rows
    if not multiplying:
        what = "puts out no more than it takes in" if large else "is small"
        yield RuledOut(
            check=CHECK,
            sentence=f"The nested loop {what} by estimate: {rows_in_words(outer)} against"
            f" {rows_in_words(inner)}, {rows_in_words(node.rows)} out (threshold"
            f" {rows_in_words(case.limit(LARGE_STEP_ROWS))}){normal_for([(node, fact_id)])}.",
            fact_ids=(fact_id,),
        )
        return
    share = cost_share(case, [node for node, _ in multiplying])
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"A nested loop compares {rows_in_words(outer)} with {rows_in_words(inner)}"
        yield too_small_to_matter(case, CHECK, what, share, (fact_id,))
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"A nested loop compares {number_in_words(outer)} with {rows_in_words(inner)}"
        ),
        evidence=f"The plan's nested loop compares {rows_in_words(outer)} with"
        f" {rows_in_words(inner)} and puts out {rows_in_words(node.rows)} by the planner's"
        f" estimate (thresholds {rows_in_words(case.limit(LARGE_STEP_ROWS))} out or"
        f" {number_in_words(case.limit(COMPARED_PAIRS))} pairs); no"
        f" steps were recorded to measure it.{condition_of([(node, fact_id)])}",
        fact_ids=tuple(fact_id for _, fact_id in multiplying[:MOST_CITED]),
        measures=(measured(case, COMPARED_PAIRS, "compared pairs", _pairs(node)),),
        affected_share=share,
    )


def _small_work(case: CaseFile, steps: Sequence[StepFact], share: float | None) -> str:
    """By the time of the loops that take in much; by what they take in where none does."""
    if share is None:
        most = max(fact.step.input_rows for fact in steps)
        limit = rows_in_words(case.limit(INPUT_ROWS))
        return f" and took in no more than {rows_in_words(most)} (threshold {limit})"
    dominating = percent(case.limit(DOMINATING_SHARE))
    return f", in segments with {percent(share)} of the segment time (threshold {dominating})"


def _between(case: CaseFile, loops: Sequence[Loop]) -> str:
    """` of a with b`, or ` with b` where a is itself a join; empty where the loop is not known."""
    if len(loops) != 1:
        return ""
    loop = loops[0][0]
    if tables := join_tables(case, loop):
        return f" of {tables[0]} with {tables[1]}"
    inner = base_tables(loop.children[1])
    return f" with {full_name(case, inner.pop())}" if len(inner) == 1 else ""


def _pairs(node: PlanNode) -> float:
    return float(node.children[0].rows) * node.children[1].rows
