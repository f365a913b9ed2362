"""A join copies a large input to every node.

Anti-pattern: The inner side of a join is sent whole to all nodes (DS_BCAST_INNER in the plan, a
broadcast step in SYS_QUERY_DETAIL). For a small dimension that is the right plan; for millions of
rows the network and the memory of every node pay for it.

Remedy: Filter or pre-aggregate the inner side before the join. If the two tables are always
joined on the same column, distribute both on it (DISTKEY); a slow-changing dimension that many
statements join can be DISTSTYLE ALL. First see what Redshift's own Advisor proposes for the
table, and whether stale statistics made the planner take the large side for the small one.
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
    LARGE_MOVE_ESTIMATED_ROWS,
    LARGE_STEP_ROWS,
    MOST_CITED,
    base_tables,
    blamed,
    cited,
    cost_share,
    full_name,
    largest,
    measured,
    plan_nodes,
    segment_share,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, percent, rows_in_words, titled
from backend.domain.plan import Movement, PlanNode
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

BELIEVABLE_ERROR = Threshold(
    name="believable_estimate_error",
    default=100,
    unit="×",
    meaning="a step of more times the estimated rows is not put down to the plan's table",
    source=OWN,
)
RULES = (
    Rule(
        name="broadcast of a large inner side (DS_BCAST_INNER)",
        inputs=(
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_DETAIL.alert",
            "SYS_QUERY_EXPLAIN.plan_node",
        ),
        thresholds=(
            LARGE_STEP_ROWS,
            LARGE_MOVE_ESTIMATED_ROWS,
            BELIEVABLE_ERROR,
            PLANNER_ALERTS,
        ),
        peers=(
            "awslabs: broadcast above 5 million rows (REC_008)",
            "Advisor: alter distribution keys",
            "STL alert: Broadcasted a large number of rows across the network",
            "Infraredshift: broadcast of 1 million rows",
            "BigQuery: insufficient shuffle quota",
        ),
    ),
)

Join = tuple[PlanNode, str]


def large_broadcast(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Measured rows decide where steps were recorded, the planner's estimate elsewhere."""
    joins = sorted(
        (
            (node, fact_id)
            for node, fact_id in plan_nodes(case)
            if node.movement is Movement.DS_BCAST_INNER and node.children
        ),
        key=lambda join: -join[0].children[-1].rows,
    )
    if case.steps:
        yield from _by_steps(case, largest(steps_named(case, "broadcast")), joins)
    elif joins:
        yield from _by_estimate(case, joins)
    else:
        yield from _by_alert(case)


def _by_alert(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Neither steps nor a join that broadcasts."""
    ids = alert_ids(case, AlertKind.BROADCASTED_ROWS)
    if ids and case.plan is not None:
        yield RuledOut(
            check="large_broadcast",
            sentence="The recorded plan broadcasts nothing: 0 of its joins are DS_BCAST_INNER"
            f"{although_alerted(ids)}.",
            fact_ids=ids,
        )
    else:
        yield from judge_alert_alone(
            case,
            check="large_broadcast",
            about="a large broadcast",
            title="Redshift raised an alert about a large broadcast",
            ids=ids,
        )


def _by_steps(
    case: CaseFile, steps: Sequence[StepFact], joins: Sequence[Join]
) -> Iterator[Finding | RuledOut]:
    large = [fact for fact in steps if fact.step.output_rows > case.limit(LARGE_STEP_ROWS)]
    if not large:
        ids = alert_ids(case, AlertKind.BROADCASTED_ROWS)
        if steps or joins or ids:
            most = max((fact.step.output_rows for fact in steps), default=0)
            cited_ids = (*cited(case, steps[:1]), *(fact_id for _, fact_id in joins[:1]), *ids)
            yield RuledOut(
                check="large_broadcast",
                sentence=f"What is broadcast is small: at most {rows_in_words(most)} in a step"
                f" (threshold {rows_in_words(case.limit(LARGE_STEP_ROWS))}){although_alerted(ids)}.",
                fact_ids=tuple(dict.fromkeys(cited_ids)),
            )
        return
    rows = sum(fact.step.output_rows for fact in large)
    share = segment_share(case, large)
    severity = weigh(case, Bucket.EXECUTION, share)
    joins = blamed(case, large[:1], joins)
    fact_ids = (*cited(case, large), *(fact_id for _, fact_id in joins[:1]))
    if severity is None:
        what = f"{rows_in_words(rows)} are broadcast"
        subject = _measured_table(case, joins, large[0].step.output_rows)
        yield too_small_to_matter(case, "large_broadcast", what, share, fact_ids, subject=subject)
        return
    yield _finding(
        case,
        severity,
        rows=rows,
        threshold=LARGE_STEP_ROWS,
        subject=_measured_table(case, joins, large[0].step.output_rows),
        evidence=f"{counted(len(large), 'broadcast step')} sent {rows_in_words(rows)} to every"
        f" node{_largest(large)} (threshold {rows_in_words(case.limit(LARGE_STEP_ROWS))}), in segments with"
        f" {percent(share)} of the segment time.{_expected(case, joins, large[0].step.output_rows)}",
        fact_ids=fact_ids,
        share=share,
    )


def _largest(large: Sequence[StepFact]) -> str:
    return f", the largest {rows_in_words(large[0].step.output_rows)}" if len(large) > 1 else ""


def _by_estimate(case: CaseFile, joins: Sequence[Join]) -> Iterator[Finding | RuledOut]:
    large = [
        join for join in joins if join[0].children[-1].rows >= case.limit(LARGE_MOVE_ESTIMATED_ROWS)
    ]
    if not large:
        join, fact_id = joins[0]
        yield RuledOut(
            check="large_broadcast",
            sentence="The inner side of the broadcast is small:"
            f" {rows_in_words(join.children[-1].rows)} estimated (threshold"
            f" {rows_in_words(case.limit(LARGE_MOVE_ESTIMATED_ROWS))}).",
            fact_ids=(fact_id,),
        )
        return
    rows = sum(join.children[-1].rows for join, _ in large)
    share = cost_share(case, [join for join, _ in large])
    severity = weigh(case, Bucket.EXECUTION, share)
    fact_ids = tuple(fact_id for _, fact_id in large[:MOST_CITED])
    if severity is None:
        what = f"{rows_in_words(rows)} are broadcast"
        yield too_small_to_matter(case, "large_broadcast", what, share, fact_ids)
        return
    yield _finding(
        case,
        severity,
        rows=rows,
        threshold=LARGE_MOVE_ESTIMATED_ROWS,
        subject=_inner_table(case, large),
        evidence=f"The plan broadcasts an inner side of {rows_in_words(rows)} by the planner's"
        f" estimate (DS_BCAST_INNER, threshold {rows_in_words(case.limit(LARGE_MOVE_ESTIMATED_ROWS))});"
        " no steps were recorded to measure it.",
        fact_ids=fact_ids,
        share=share,
    )


def _inner_table(case: CaseFile, joins: Sequence[Join]) -> str:
    """The one base table of the largest inner side; empty where it is a join itself."""
    tables = base_tables(joins[0][0].children[-1]) if joins else set()
    return full_name(case, tables.pop()) if len(tables) == 1 else ""


def _measured_table(case: CaseFile, joins: Sequence[Join], rows: int) -> str:
    """That table, unless it cannot have sent so many rows: then the step belongs elsewhere."""
    subject = _inner_table(case, joins)
    known = case.table(subject) if subject else None
    if known and known.table.row_count is not None:
        return subject if known.table.row_count >= rows else ""
    expected = joins[0][0].children[-1].rows if joins else 0
    return subject if expected * case.limit(BELIEVABLE_ERROR) >= rows else ""


def _expected(case: CaseFile, joins: Sequence[Join], rows: int) -> str:
    expected = joins[0][0].children[-1].rows if joins else rows
    if expected * case.limit(BELIEVABLE_ERROR) >= rows:
        return ""
    return f" The plan expected {rows_in_words(expected)}."


def _finding(
    case: CaseFile,
    severity: Severity,
    *,
    rows: int,
    threshold: Threshold,
    subject: str,
    evidence: str,
    fact_ids: tuple[str, ...],
    share: float,
) -> Finding:
    of_table = f" of {subject}" if subject else ""
    return Finding(
        check="large_broadcast",
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Broadcasts {rows_in_words(rows)}{of_table} to every node"),
        evidence=evidence,
        fact_ids=fact_ids,
        subject=subject,
        measures=(measured(case, threshold, "broadcast", rows),),
        affected_share=share,
    )
