"""What every check shares: its type, how heavy a cause weighs, and what proves it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from backend.domain.case_file import CaseFile, StepFact
from backend.domain.evidence import Segment, Step
from backend.domain.finding import Finding, GoodNews, Measure, RuledOut, Severity
from backend.domain.in_words import percent
from backend.domain.plan import PlanNode
from backend.domain.threshold import AWS_GUIDE, AWS_REVIEW, LARGE_TABLE_ROWS, OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.sql.nearest_joins import nearest_joins

Said = Finding | RuledOut | GoodNews

Check = Callable[[CaseFile], Iterator[Said]]
"""Case file in; what it proves, what it excludes and what is good, out. Silent where it has nothing
to say."""

LARGE_STEP_ROWS = Threshold(
    name="large_step_rows",
    default=5_000_000,
    unit="rows",
    meaning="a scan, broadcast, distribute or nested-loop step of more rows counts",
    source=AWS_REVIEW,
)
LARGE_MOVE_ESTIMATED_ROWS = Threshold(
    name="large_move_estimated_rows",
    default=1_000_000,
    unit="rows",
    meaning="more rows moved count, by the planner's estimate where no steps were recorded",
    source=f"{AWS_GUIDE}, the planner's alerts for large broadcasts and distributions",
)
HIGH_IMPACT = Threshold(
    name="high_impact_share",
    default=0.30,
    unit="share",
    meaning="a cause that touches this part of a pattern's time is of high severity",
    source=OWN,
)
MEDIUM_IMPACT = Threshold(
    name="medium_impact_share",
    default=0.10,
    unit="share",
    meaning="a cause that touches this part of a pattern's time is of medium severity",
    source=OWN,
)
NEGLIGIBLE_IMPACT = Threshold(
    name="negligible_impact_share",
    default=0.02,
    unit="share",
    meaning="a cause that touches less of a pattern's time is ruled out",
    source=f"{OWN}: a cure could not be told from the usual variation of a run",
)
SHARED_THRESHOLDS = (
    LARGE_TABLE_ROWS,
    LARGE_STEP_ROWS,
    LARGE_MOVE_ESTIMATED_ROWS,
    HIGH_IMPACT,
    MEDIUM_IMPACT,
    NEGLIGIBLE_IMPACT,
)

ESTIMATED_SHARE_AT_MOST = 0.5
"""Plan costs are relative units of the planner: without measured steps we claim no more."""

UNMEASURED_SHARE = 0.1
"""What is claimed for a cause that is certain, but whose effect nothing in the case measures."""

MOST_CITED = 6


def bucket_share(case: CaseFile, bucket: Bucket) -> float:
    """The bucket's part of the time; unmeasured time counts as execution."""
    buckets = case.buckets.buckets
    if buckets.accounted_seconds <= 0:
        return 1.0 if bucket is Bucket.EXECUTION else 0.0
    return buckets.share(bucket)


def bucket_seconds(case: CaseFile, bucket: Bucket) -> float:
    """The bucket's seconds over the window; never more than all elapsed time."""
    measured_seconds = case.buckets.buckets.seconds(bucket)
    return max(0.0, min(measured_seconds, case.statistics.total_elapsed_seconds))


def weigh(case: CaseFile, bucket: Bucket, affected_share: float) -> Severity | None:
    """How much of the pattern's whole time the cause touches; None where it is negligible."""
    impact = bucket_share(case, bucket) * affected_share
    if impact < case.limit(NEGLIGIBLE_IMPACT):
        return None
    if impact >= case.limit(HIGH_IMPACT):
        return Severity.HIGH
    return Severity.MEDIUM if impact >= case.limit(MEDIUM_IMPACT) else Severity.LOW


class Judged(Protocol):
    """A case of one pattern, or of the whole workload."""

    def limit(self, threshold: Threshold) -> float: ...


def measured(case: Judged, threshold: Threshold, name: str, value: float) -> Measure:
    """The value beside the threshold in force; shares as per cent."""
    limit = case.limit(threshold)
    if threshold.unit == "share":
        return Measure(name=name, value=value * 100, unit="%", threshold=limit * 100)
    return Measure(name=name, value=value, unit=threshold.unit, threshold=limit)


def milder(severity: Severity, *, at_most: Severity) -> Severity:
    return max(severity, at_most, key=lambda s: s.order)


def too_small_to_matter(
    case: CaseFile,
    check: str,
    what: str,
    affected_share: float,
    fact_ids: Iterable[str],
    *,
    subject: str = "",
) -> RuledOut:
    """A cause that is there, but touches next to nothing of the pattern's time."""
    share = bucket_share(case, Bucket.EXECUTION) * affected_share
    return RuledOut(
        check=check,
        sentence=f"{what}, but that touches {percent(share)} of the pattern's time"
        f" (threshold {percent(case.limit(NEGLIGIBLE_IMPACT))}).",
        fact_ids=(case.buckets.fact_id, *fact_ids),
        subject=subject,
    )


_GUIDE_NAMES = {
    "aggr": "aggregate",
    "bcast": "broadcast",
    "dist": "distribute",
    "hjoin": "hashjoin",
    "mjoin": "mergejoin",
    "nloop": "nestloop",
}
"""How the guide's list of operators (r_EXPLAIN) writes what SYS_QUERY_DETAIL calls otherwise."""


def step_name(fact: StepFact) -> str:
    """As SYS_QUERY_DETAIL writes it: `hashjoin`, `nestloop`, `aggregate` …"""
    return _one_name(fact.step.step_name.strip().lower())


def statement_ids(case: CaseFile) -> tuple[str, ...]:
    """To cite where a sentence speaks of what the statement does."""
    return (case.statement.fact_id,) if case.statement else ()


def steps_named(case: CaseFile, *names: str) -> list[StepFact]:
    """By either way of writing a name."""
    wanted = {_one_name(name) for name in names}
    return [fact for fact in case.steps if step_name(fact) in wanted]


def _one_name(name: str) -> str:
    return _GUIDE_NAMES.get(name, name)


def reads_lake(case: CaseFile, fact: StepFact) -> bool:
    """A scan of an external table: neither sort key nor zone maps are anything to it."""
    if (fact.step.source or "").strip().lower() == "s3":
        return True
    if case.plan is None or case.plan_query_id != case.steps_query_id:
        return False
    key = (fact.step.child_query_sequence, fact.step.plan_node_id)
    return any(
        (node.child_query_sequence, node.recorded_node_id) == key
        and (node.reads_lake or "S3 Query Scan" in node.operator)
        for node in case.plan.walk()
    )


def largest(steps: Iterable[StepFact]) -> list[StepFact]:
    """Those with the most rows first; by id where equal."""
    return sorted(steps, key=lambda f: (-max(f.step.output_rows, f.step.input_rows), f.fact_id))


def segment_share(case: CaseFile, steps: Sequence[StepFact]) -> float:
    """The part (0..1) of all segment time that the segments of these steps took.

    Each segment counts once: its duration is repeated on every one of its steps. A step whose
    segment is not known adds nothing.
    """
    seconds_of = _segment_seconds(case)
    total = sum(seconds_of.values())
    keys = {_segment_key(fact.step) for fact in steps if fact.step.segment_id >= 0}
    return sum(seconds_of.get(key, 0.0) for key in keys) / total if total > 0 else 0.0


def _segment_seconds(case: CaseFile) -> dict[tuple[int, int], float]:
    """By segment: what its own row says, or where that is missing or empty, its steps."""
    of_rows: dict[tuple[int, int], float] = defaultdict(float)
    for fact in case.segments:
        # Should two streams have a segment of the same number, steps mean both of them.
        of_rows[_segment_key(fact.segment)] += fact.segment.duration_seconds
    seconds_of = dict(of_rows)
    for step in (fact.step for fact in case.steps if fact.step.segment_id >= 0):
        key = _segment_key(step)
        if not of_rows.get(key):
            seconds_of[key] = max(seconds_of.get(key, 0.0), step.segment_seconds)
    return seconds_of


def _segment_key(row: Segment | Step) -> tuple[int, int]:
    """Segment ids begin anew in each child query."""
    return row.child_query_sequence, row.segment_id


def cited(case: CaseFile, steps: Sequence[StepFact]) -> tuple[str, ...]:
    """The ids of these steps and of their segments, the largest few."""
    kept = steps[:MOST_CITED]
    keys = {_segment_key(fact.step) for fact in kept if fact.step.segment_id >= 0}
    segments = [fact.fact_id for fact in case.segments if _segment_key(fact.segment) in keys]
    return (*(fact.fact_id for fact in kept), *segments)


def plan_nodes(case: CaseFile) -> Iterator[tuple[PlanNode, str]]:
    """Each operator with what is below it, and its fact id."""
    id_of = {fact.node.node_id: fact.fact_id for fact in case.plan_nodes}
    for node in case.plan.walk() if case.plan else ():
        if node.node_id in id_of:
            yield node, id_of[node.node_id]


def blamed(
    case: CaseFile, steps: Sequence[StepFact], joins: Sequence[tuple[PlanNode, str]]
) -> list[tuple[PlanNode, str]]:
    """The joins that these steps work for, in the order given; none where that is not sure.

    A step leads to its node by child query and id, and from there to the nearest join at or above
    it. Steps without a node are put down to the only join given, but never to one of several.
    """
    named = [fact for fact in steps if fact.step.plan_node_id]
    join_of = nearest_joins(case) if named else {}
    if not join_of:
        return list(joins) if len(joins) == 1 else []
    keys = {(fact.step.child_query_sequence, fact.step.plan_node_id) for fact in named}
    wanted = {join_of.get(key) for key in keys}
    return [(node, fact_id) for node, fact_id in joins if node.node_id in wanted]


def working_for(
    case: CaseFile,
    steps: Sequence[StepFact],
    joins: Sequence[tuple[PlanNode, str]],
    node_ids: set[int],
) -> list[StepFact]:
    """Of these steps those that work for the joins of `node_ids`, each taken for itself.

    As in `blamed`, of all `joins` given the nearest one counts, and the only one for a step that
    leads to no node.
    """
    join_of = nearest_joins(case) if any(fact.step.plan_node_id for fact in steps) else {}
    known = {node.node_id for node, _ in joins}
    only = next(iter(known)) if len(known) == 1 else None

    def join_id(fact: StepFact) -> int | None:
        if not fact.step.plan_node_id or not join_of:
            return only
        return join_of.get((fact.step.child_query_sequence, fact.step.plan_node_id))

    return [fact for fact in steps if join_id(fact) in known & node_ids]


def cost_share(case: CaseFile, nodes: Iterable[PlanNode]) -> float:
    """The operators' own part (0..1) of the plan's cost, capped: costs are no seconds."""
    total = sum(root.total_cost for root in case.plan.roots) if case.plan else 0.0
    own = sum(node.self_cost for node in nodes)
    return min(own / total, ESTIMATED_SHARE_AT_MOST) if total > 0 else 0.0


def base_tables(node: PlanNode) -> set[str]:
    return {below.table_name for below in node.walk() if below.table_name}


def join_tables(case: CaseFile, node: PlanNode) -> tuple[str, str] | None:
    """The base tables that a join brings together; None where a side is not one table."""
    sides = [base_tables(child) for child in node.children[:2]]
    if len(sides) < 2 or any(len(side) != 1 for side in sides):
        return None
    return full_name(case, sides[0].pop()), full_name(case, sides[1].pop())


def full_name(case: CaseFile, name: str) -> str:
    """`schema.table` where the table is known, else the name as it was written."""
    fact = case.table(name)
    return fact.table.full_name if fact else name
