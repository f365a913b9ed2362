"""The planner does not know how many rows an external table has.

Anti-pattern: The table property numRows is not set, and Redshift does not analyze external
tables. The planner then takes the external side of a join for the larger one, and broadcasts or
distributes the local side for it, however large that is.

Remedy: Set it, and again when the table has grown by a good part:
ALTER TABLE schema.table SET TABLE PROPERTIES ('numRows'='172000').
"""

from collections.abc import Iterator

from backend.checks.check import (
    LARGE_MOVE_ESTIMATED_ROWS,
    UNMEASURED_SHARE,
    measured,
    plan_nodes,
    weigh,
)
from backend.checks.lake.scans import short_name
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, LakeTableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words, titled
from backend.domain.plan import Movement, PlanNode
from backend.domain.time_buckets import Bucket

CHECK = "missing_lake_row_count"
STILL = (Movement.DS_DIST_NONE, Movement.DS_DIST_ALL_NONE)
RULES = (
    Rule(
        name="numRows of a joined external table is not set",
        inputs=("SVV_EXTERNAL_TABLES.parameters", "SYS_QUERY_EXPLAIN.plan_node"),
        thresholds=(LARGE_MOVE_ESTIMATED_ROWS,),
        peers=("AWS guide: set numRows", "Infraredshift: numRows statistics"),
    ),
)

Join = tuple[PlanNode, str]


def missing_lake_row_count(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for fact in case.lake_tables:
        name = short_name(fact.table.full_name)
        if fact.table.row_count is not None:
            yield RuledOut(
                check=CHECK,
                sentence=f"The planner knows the size of {name}: numRows is"
                f" {rows_in_words(fact.table.row_count)}.",
                fact_ids=(fact.fact_id,),
            )
            continue
        join = _costly_join(case, fact)
        if join is None:
            continue
        yield from _judge(case, fact, join)


def _costly_join(case: CaseFile, fact: LakeTableFact) -> Join | None:
    """The join of this table that moves most rows."""
    joins = [
        (node, fact_id)
        for node, fact_id in plan_nodes(case)
        if node.is_join
        and node.movement
        and node.movement not in STILL
        and any(_is_of(child, fact) for child in node.children[:2])
    ]
    return max(joins, key=lambda join: _moved_rows(join[0]), default=None)


def _is_of(side: PlanNode, fact: LakeTableFact) -> bool:
    wanted = fact.table.full_name.lower()
    return any(
        (below.table_name or "").lower().endswith(wanted)
        for below in side.walk()
        if below.operator.startswith("S3 ")
    )


def _moved_rows(join: PlanNode) -> int:
    """By the planner's estimate: the inner side, or both."""
    sides = [child.rows for child in join.children[:2]]
    return sum(sides) if join.movement is Movement.DS_DIST_BOTH else sides[-1]


def _judge(case: CaseFile, fact: LakeTableFact, join: Join) -> Iterator[Finding | RuledOut]:
    node, fact_id = join
    name, rows = short_name(fact.table.full_name), _moved_rows(node)
    worth = case.limit(LARGE_MOVE_ESTIMATED_ROWS)
    movement = node.movement.value if node.movement else ""
    if rows < worth:
        yield RuledOut(
            check=CHECK,
            sentence=f"numRows of {name} is not set, but its join moves {rows_in_words(rows)}"
            f" only (threshold {rows_in_words(worth)}).",
            fact_ids=(fact.fact_id, fact_id),
        )
        return
    severity = weigh(case, Bucket.EXECUTION, UNMEASURED_SHARE)
    if severity is None:
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"The planner does not know the size of {name}"),
        evidence=f"numRows of {name} is not set, and its join moves {rows_in_words(rows)} by the"
        f" planner's estimate ({movement}, threshold {rows_in_words(worth)}): without it the"
        " external side counts as the larger one.",
        fact_ids=(fact.fact_id, fact_id),
        subject=name,
        measures=(measured(case, LARGE_MOVE_ESTIMATED_ROWS, "rows moved", rows),),
        affected_share=UNMEASURED_SHARE,
    )
