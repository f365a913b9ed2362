"""What stands behind a fact id: one sentence a fact."""

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from backend.domain.case_file import (
    AdvisorFact,
    AlertFact,
    BucketsFact,
    CaseFile,
    ClauseKind,
    CostFact,
    Fact,
    LakeErrorsFact,
    LakeScanFact,
    LakeTableFact,
    LakeUseFact,
    LoadFact,
    MaterializedViewFact,
    PlanNodeFact,
    PlanNoticeFact,
    RegressionFact,
    SegmentFact,
    SlicesFact,
    StatementFact,
    StatisticsFact,
    StepFact,
    TableFact,
)
from backend.domain.evidence import Table
from backend.domain.review import Review
from workbench.presenters.bucket_bar import BUCKET_WORDS
from workbench.presenters.change_facts import CHANGE_FACT_KINDS, change_sentence
from workbench.presenters.outside_facts import outside_sentence
from workbench.presenters.wording import (
    count,
    dollars,
    duration,
    full_day,
    megabytes,
    moment_text,
    number_of,
    per_cent,
    ratio,
)

MOST_CLAUSES = 8
"""Of a statement, in the sentence about it."""

FACT_KINDS = {
    "statistics": "Runs",
    "buckets": "Time buckets",
    "cost": "Cluster time",
    "regression": "Slow-down",
    "statement": "Statement",
    "plan_node": "Plan node",
    "plan_notice": "Plan notice",
    "segment": "Segment",
    "step": "Step",
    "alert": "Planner alert",
    "table": "Table",
    "advisor": "Redshift Advisor",
    "lake_scan": "Lake scan",
    "lake_errors": "Lake rows",
    "lake_use": "Lake reads",
    "lake_table": "Lake table",
    "load": "Loads",
    "materialized_view": "Materialized view",
    "slices": "Cluster",
    **CHANGE_FACT_KINDS,
}


def fact_table(case: CaseFile | None, fact_ids: Iterable[str] | None = None) -> pd.DataFrame:
    """All facts, or those named; an id that the case file lacks is said to be missing."""
    if case is None:
        return pd.DataFrame({"id": [], "kind": [], "fact": []})
    if fact_ids is None:
        facts: list[tuple[str, Fact | None]] = [(fact.fact_id, fact) for fact in case.facts()]
    else:
        facts = [(fact_id, case.fact(fact_id)) for fact_id in dict.fromkeys(fact_ids)]
    return pd.DataFrame(
        {
            "id": [fact_id for fact_id, _ in facts],
            "kind": [FACT_KINDS[fact.kind] if fact else "" for _, fact in facts],
            "fact": [fact_sentence(fact) if fact else "not in this review" for _, fact in facts],
        }
    )


def cited_by(review: Review) -> Mapping[str, str]:
    """Fact id → what rests on it: the titles of findings and recommendations, findings first."""
    cited: dict[str, list[str]] = {}
    for title, fact_ids in (
        *((finding.title, finding.fact_ids) for finding in review.findings),
        *((advice.title, advice.fact_ids) for advice in review.recommendations),
    ):
        for fact_id in fact_ids:
            cited.setdefault(fact_id, []).append(title)
    return {fact_id: "; ".join(dict.fromkeys(titles)) for fact_id, titles in cited.items()}


def review_facts(review: Review, kinds: Collection[str] = ()) -> pd.DataFrame:
    """All facts of a review and what cites them; of the `kinds` named, if any are."""
    facts = fact_table(review.case_file)
    facts["cited"] = facts["id"].map(cited_by(review)).fillna("")
    return facts[facts["kind"].isin(kinds)] if kinds else facts


def fact_sentence(fact: Fact) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of fact
    match fact:
        case StatisticsFact():
            return (
                f"{number_of(fact.runs, 'run')}, {duration(fact.total_elapsed_seconds)} in all "
                f"({per_cent(fact.share)} of everything), p50 {duration(fact.p50_elapsed_seconds)},"
                f" p95 {duration(fact.p95_elapsed_seconds)}, slowest "
                f"{duration(fact.max_elapsed_seconds)}; {count(fact.failed_runs)} failed, "
                f"{count(fact.canceled_runs)} canceled, {count(fact.cache_hits)} from the cache"
            )
        case BucketsFact():
            return ", ".join(
                f"{BUCKET_WORDS[bucket].lower()} {duration(seconds)} "
                f"({per_cent(fact.buckets.share(bucket))})"
                for bucket, seconds in fact.buckets.as_mapping().items()
            )
        case CostFact():
            return _cost(fact)
        case RegressionFact():
            change = fact.regression
            return (
                f"{ratio(change.ratio)} slower since {moment_text(change.changed_at)}: median "
                f"{duration(change.median_before_seconds)} → "
                f"{duration(change.median_after_seconds)}"
            )
        case StatementFact():
            return _statement(fact)
        case PlanNodeFact():
            return _plan_node(fact)
        case PlanNoticeFact():
            return fact.text
        case SegmentFact():
            segment = fact.segment
            spilled = segment.spilled_local_blocks + segment.spilled_remote_blocks
            return (
                f"stream {segment.stream_id}, segment {segment.segment_id}: "
                f"{duration(segment.duration_seconds)}, {megabytes(segment.blocks_read)} read, "
                f"{megabytes(spilled)} spilled, time skew {segment.time_skewness} %"
            )
        case StepFact():
            return _step(fact)
        case AlertFact():
            alert = fact.alert
            return f"{alert.event} ({alert.occurrences}×). Redshift proposes: {alert.solution}"
        case TableFact():
            return _table(fact.table)
        case AdvisorFact():
            return f"{fact.advice.kind}: {fact.advice.ddl}"
        case (
            LakeScanFact()
            | LakeErrorsFact()
            | LakeUseFact()
            | LakeTableFact()
            | LoadFact()
            | MaterializedViewFact()
            | SlicesFact()
        ):
            return outside_sentence(fact)
        case _:
            return change_sentence(fact)


def _cost(fact: CostFact) -> str:
    cluster = fact.cluster
    share = fact.busy.busy_seconds / cluster.busy_seconds if cluster.busy_seconds > 0 else 0.0
    told = (
        f"{duration(fact.busy.busy_seconds)} of the {duration(cluster.busy_seconds)} in which the "
        f"cluster was at work ({per_cent(share)}); it was idle for {per_cent(cluster.idle_share)} "
        f"of {number_of(cluster.days, 'day')}"
    )
    if fact.busy.scaled_seconds > 0:
        told += f"; beside it {duration(fact.busy.scaled_seconds)} on concurrency-scaling clusters"
    if fact.cost is None:
        return told
    as_of = full_day(fact.cost.prices_as_of)
    return f"{told}; costs {dollars(fact.cost.dollars)} by prices of {as_of}"


def _statement(fact: StatementFact) -> str:
    told = [
        f"reads {', '.join(fact.table_names)}" if fact.table_names else "names no table",
        number_of(fact.join_count, "join"),
    ]
    if fact.selects_star:
        told.append("selects every column (*)")
    told.extend(f"wraps {use.column_name} in {use.expression}" for use in fact.wrapped_columns)
    shown = [clause for clause in fact.clauses if clause.kind is not ClauseKind.JOIN_EQUALITY]
    told.extend(
        f"{clause.kind.value.replace('_', ' ')}: {clause.text}" for clause in shown[:MOST_CLAUSES]
    )
    if len(shown) > MOST_CLAUSES:
        told.append(f"and {number_of(len(shown) - MOST_CLAUSES, 'clause')} more")
    return ", ".join(told)


def _plan_node(fact: PlanNodeFact) -> str:
    node = fact.node
    place = f" on {node.table_name}" if node.table_name else ""
    movement = f" {node.movement.value}" if node.movement else ""
    conditions = "".join(f"; {c.name}: {c.text}" for c in node.conditions)
    return (
        f"node {node.node_id}: {node.operator}{movement}{place}, about {count(node.rows)} rows of "
        f"{node.width_bytes} bytes, own cost {count(node.self_cost)}{conditions}"
    )


def _step(fact: StepFact) -> str:
    step = fact.step
    place = f" on {step.table_name}" if step.table_name else ""
    told = (
        f"segment {step.segment_id}, step {step.step_id}: {step.step_name}{place}, "
        f"{count(step.input_rows)} rows in, {count(step.output_rows)} out"
    )
    if step.data_skewness:
        told += f", data skew {step.data_skewness} %"
    return told + (f"; alert: {step.alert}" if step.alert else "")


def _table(table: Table) -> str:
    told = [table.full_name]
    if table.row_count is not None:
        told.append(f"{count(table.row_count)} rows")
    if table.size_mb is not None:
        told.append(megabytes(table.size_mb))
    if table.distribution_style:
        told.append(f"distribution {table.distribution_style}")
    if table.first_sort_key:
        told.append(f"sort key {table.first_sort_key}")
    if table.unsorted_percent is not None:
        told.append(f"{table.unsorted_percent:.0f} % unsorted")
    if table.statistics_off_percent is not None:
        told.append(f"statistics {table.statistics_off_percent:.0f} % off")
    if table.row_skew_ratio is not None:
        told.append(f"row skew {table.row_skew_ratio:.1f}")
    return ", ".join(told)
