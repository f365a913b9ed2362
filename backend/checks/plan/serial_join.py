"""A join runs on one slice because a DISTSTYLE ALL table is its outer side.

Anti-pattern: A DISTSTYLE ALL table serves joins as the inner side: each node has its own copy. As
the outer side, as in `small LEFT JOIN large`, Redshift sends the whole inner side to one slice
(DS_DIST_ALL_INNER), and the others wait. Over a few rows that costs nothing.

Remedy: Give the outer table a distribution key on the join column, the same as the inner table's,
or EVEN. Where its rows without a partner are not needed, write an inner join, so that it can be
the inner side. If the planner took the sides the wrong way round, look at its statistics first.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from backend.checks.alerts import PLANNER_ALERTS, AlertKind, alert_ids, judge_alert_alone
from backend.checks.check import (
    MOST_CITED,
    base_tables,
    cited,
    cost_share,
    full_name,
    largest,
    measured,
    segment_share,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.distribution import is_on_every_node
from backend.checks.joins_of_plan import (
    Join,
    JoinSteps,
    joins_moving,
    outer_side,
    own_table,
    side_in_words,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import percent, rows_in_words, titled
from backend.domain.plan import Movement, PlanNode
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "serial_join"

SERIAL_ROWS = Threshold(
    name="serial_join_rows",
    default=1_000_000,
    unit="rows",
    meaning="a join on one slice counts if both its sides together have more",
    source=f"{OWN}: fewer are joined in about a second even by one slice",
)
RULES = (
    Rule(
        name="serial join on one slice (DS_DIST_ALL_INNER)",
        inputs=(
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.alert",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SVV_TABLE_INFO.diststyle",
        ),
        thresholds=(SERIAL_ROWS, PLANNER_ALERTS),
        peers=(
            "STL alert: DS_DIST_ALL_INNER for Hash Join in the query plan (serial execution)",
            "AWS guide: evaluating the query plan",
        ),
    ),
)


def serial_join(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """The plan names the join; its steps say what it costs, the plan's costs where none are."""
    joins = joins_moving(case, Movement.DS_DIST_ALL_INNER)
    of_table: dict[str, list[Join]] = defaultdict(list)
    for join in joins:
        of_table[_outer_table(case, join[0])].append(join)
    for table, its_joins in of_table.items():
        yield from _judge(case, table, its_joins)
    ids = alert_ids(case, AlertKind.SERIAL_JOIN)
    if ids and not joins and case.plan is not None:
        yield RuledOut(
            check=CHECK,
            sentence="The recorded plan runs no join on one slice: 0 of its operators are"
            " DS_DIST_ALL_INNER, although a run raised an alert about one.",
            fact_ids=ids,
        )
    elif ids and not joins:
        yield from judge_alert_alone(
            case,
            check=CHECK,
            about="a join that runs on one slice (DS_DIST_ALL_INNER)",
            title="Redshift raised an alert about a join on one slice",
            ids=ids,
        )


def _outer_table(case: CaseFile, join: PlanNode) -> str:
    """The table that is on every node, as far as it is known which one is."""
    names = sorted(full_name(case, name) for name in base_tables(outer_side(join)))
    known = [fact for fact in map(case.table, names) if fact and is_on_every_node(fact.table)]
    return known[0].table.full_name if len(known) == 1 else own_table(case, outer_side(join))


def _judge(case: CaseFile, table: str, joins: Sequence[Join]) -> Iterator[Finding | RuledOut]:
    join_steps = JoinSteps(case)
    steps = largest(
        fact
        for node, _ in joins
        for fact in join_steps.of(node, "distribute", "hash", "hashjoin", "nestloop")
    )
    rows = _rows_joined(joins[0][0], steps)
    fact = case.table(table) if table else None
    fact_ids = (
        *(fact_id for _, fact_id in joins[:MOST_CITED]),
        *cited(case, steps),
        *((fact.fact_id,) if fact else ()),
    )
    limit = rows_in_words(case.limit(SERIAL_ROWS))
    how = "" if steps else " by the planner's estimate"
    if rows <= case.limit(SERIAL_ROWS):
        yield RuledOut(
            check=CHECK,
            sentence=f"The join on one slice is small: {rows_in_words(rows)} on both sides"
            f"{how} (threshold {limit}).",
            fact_ids=fact_ids,
            subject=table,
        )
        return
    share = segment_share(case, steps) if steps else cost_share(case, [node for node, _ in joins])
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"A join of {rows_in_words(rows)} runs on one slice"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=table)
        return
    outer = table or side_in_words(case, outer_side(joins[0][0]))
    inner = side_in_words(case, joins[0][0].children[1])
    effect = (
        f", in segments with {percent(share)} of the segment time"
        if steps
        else "; no steps were recorded to measure it"
    )
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"One slice joins all {rows_in_words(rows)} of {outer} and {inner}",
            f"One slice joins all {rows_in_words(rows)} of a join with {outer}",
            f"One slice joins all {rows_in_words(rows)}",
        ),
        evidence=f"{outer} is the outer side of the join and lies whole on every node, so all of"
        f" {inner} is sent to one slice (DS_DIST_ALL_INNER), which joins {rows_in_words(rows)}"
        f"{how} (threshold {limit}){effect}.",
        fact_ids=fact_ids,
        subject=table,
        measures=(measured(case, SERIAL_ROWS, "joined on one slice", rows),),
        affected_share=share,
    )


def _rows_joined(join: PlanNode, steps: Sequence[StepFact]) -> int:
    """Of both sides; a hash join takes in the outer side, its hash step the inner one."""
    if not steps:
        return sum(child.rows for child in join.children[:2])
    joined = (fact.step.input_rows for fact in steps if "join" in step_name(fact))
    hashed = (fact.step.output_rows for fact in steps if "join" not in step_name(fact))
    return max(joined, default=0) + max(hashed, default=0)
