"""Filters or aggregates run on the cluster that the Spectrum layer could have done.

Anti-pattern: In the plan a Filter stands under XN S3 Query Scan instead of under S3 Seq Scan, or
the rows of an external table are aggregated above it with no S3 HashAggregate below. Then all
rows come to the cluster first. DISTINCT and ORDER BY never push down.

Remedy: Compare plain columns with constants, and use count, sum, avg, min and max: these run in
the Spectrum layer. Replace DISTINCT by GROUP BY, aggregate the external table before it is joined,
and leave out functions that Spectrum does not know.
"""

from collections.abc import Iterator

from backend.checks.check import (
    LARGE_MOVE_ESTIMATED_ROWS,
    MOST_CITED,
    cost_share,
    measured,
    plan_nodes,
    too_small_to_matter,
    weigh,
)
from backend.checks.lake.scans import scan_share, scans_by_table, short_name
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words, titled
from backend.domain.plan import PlanNode
from backend.domain.time_buckets import Bucket

CHECK = "not_pushed_down"
QUERY_SCAN = "S3 Query Scan"
AGGREGATES = ("HashAggregate", "GroupAggregate", "Aggregate", "Unique")
RULES = (
    Rule(
        name="a filter on an external table runs on the cluster",
        inputs=("SYS_QUERY_EXPLAIN.plan_node", "SYS_QUERY_EXPLAIN.plan_info"),
        thresholds=(LARGE_MOVE_ESTIMATED_ROWS,),
        peers=("AWS guide: improving Spectrum performance", "Infraredshift: push-down"),
    ),
    Rule(
        name="an external table is aggregated on the cluster only",
        inputs=("SYS_QUERY_EXPLAIN.plan_node",),
        thresholds=(LARGE_MOVE_ESTIMATED_ROWS,),
        peers=("AWS guide: improving Spectrum performance", "Infraredshift: push-down"),
    ),
)


def not_pushed_down(case: CaseFile) -> Iterator[Finding | RuledOut]:
    parents = {child.node_id: node for node, _ in plan_nodes(case) for child in node.children}
    for node, fact_id in plan_nodes(case):
        if QUERY_SCAN not in node.operator:
            continue
        work = _work_left(node, parents)
        if work is None:
            yield from _pushed(node, fact_id)
        else:
            yield from _judge(case, node, fact_id, work)


def _work_left(scan: PlanNode, parents: dict[int, PlanNode]) -> str | None:
    """What the cluster does with the rows as they come; None where the lake does it."""
    if scan.condition("Filter"):
        return "filters"
    if any("S3 " in below.operator and "Aggregate" in below.operator for below in scan.walk()):
        return None
    above = parents.get(scan.node_id)
    while above and ("Partition Loop" in above.operator or "Subquery Scan" in above.operator):
        above = parents.get(above.node_id)
    if above is None:
        return None
    if any(above.operator.endswith(name) for name in AGGREGATES):
        return "makes distinct" if above.operator.endswith("Unique") else "aggregates"
    return None


def _pushed(scan: PlanNode, fact_id: str) -> Iterator[RuledOut]:
    has_filter = any(
        below.operator.startswith("S3 ") and below.condition("Filter") for below in scan.walk()
    )
    aggregates = any(
        "S3 " in below.operator and "Aggregate" in below.operator for below in scan.walk()
    )
    if has_filter or aggregates:
        both = has_filter and aggregates
        what = "filter and aggregate" if both else "filter" if has_filter else "aggregate"
        yield RuledOut(
            check=CHECK,
            sentence=f"The {what} of {_table(scan)} {'run' if both else 'runs'} in the Spectrum"
            f" layer, which gives back {rows_in_words(scan.rows)} by the planner's estimate.",
            fact_ids=(fact_id,),
        )


def _judge(case: CaseFile, scan: PlanNode, fact_id: str, work: str) -> Iterator[Finding | RuledOut]:
    name, worth = _table(scan), case.limit(LARGE_MOVE_ESTIMATED_ROWS)
    if scan.rows < worth:
        yield RuledOut(
            check=CHECK,
            sentence=f"The cluster {work} {rows_in_words(scan.rows)} of {name} itself, which are"
            f" few (threshold {rows_in_words(worth)}).",
            fact_ids=(fact_id,),
        )
        return
    scans = [
        fact
        for table, own in scans_by_table(case).items()
        if short_name(table) == name
        for fact in own
    ]
    share = scan_share(case, scans) if scans else cost_share(case, list(scan.walk()))
    severity = weigh(case, Bucket.EXECUTION, share)
    fact_ids = (fact_id, *(fact.fact_id for fact in scans[:MOST_CITED]))
    if severity is None:
        what = f"The cluster {work} {rows_in_words(scan.rows)} of {name} itself"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    condition = scan.condition("Filter")
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"The cluster, not Spectrum, {work} {name}"),
        evidence=f"Spectrum hands over {rows_in_words(scan.rows)} of {name} by the planner's"
        f" estimate (threshold {rows_in_words(worth)}), and the cluster {work} them"
        f"{f': {condition}' if condition else ''}.",
        fact_ids=fact_ids,
        subject=name,
        measures=(measured(case, LARGE_MOVE_ESTIMATED_ROWS, "rows handed over", scan.rows),),
        affected_share=share,
    )


def _table(scan: PlanNode) -> str:
    """The scan itself is named by its alias, the table by the S3 scan below it."""
    named = (below.table_name for below in scan.walk() if below.table_name)
    return short_name(next(named, scan.alias or ""))
