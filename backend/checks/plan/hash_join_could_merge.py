"""Two tables are built for a merge join, and Redshift hashes them all the same.

Anti-pattern: Where both tables are distributed and sorted by the join column, Redshift can read
them side by side and needs no hash table, so no memory and no spill. It gives that up as soon as
20 % of one of them are unsorted (guide, query plan), and for a FULL join.

Remedy: Sort the rows again, where vacuum_sort_benefit is above 0 (VACUUM SORT ONLY), and load in
the order of the key so that they stay sorted. A table that is sorted by something else for good
reason is best left as it is: a hash join is no fault.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.checks.check import (
    MEDIUM_IMPACT,
    MOST_CITED,
    bucket_share,
    cited,
    cost_share,
    largest,
    measured,
    plan_nodes,
    segment_share,
    weigh,
)
from backend.checks.distribution import distribution_column
from backend.checks.joins_of_plan import (
    Join,
    JoinSteps,
    inner_side,
    joined_columns,
    outer_side,
    own_table,
)
from backend.checks.rule import Rule
from backend.checks.sort_keys import sort_key_columns
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import percent, rows_in_words, titled
from backend.domain.plan import PlanNode
from backend.domain.threshold import AWS_GUIDE, VACUUM_SORT_BENEFIT, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "hash_join_could_merge"

MERGE_UNSORTED_PERCENT = Threshold(
    name="merge_join_unsorted_percent",
    default=20.0,
    unit="%",
    meaning="tables of which so much is unsorted are not merged, however they are designed",
    source=f"{AWS_GUIDE}, query plan: merge join",
)
RULES = (
    Rule(
        name="hash join of tables that could be merged",
        inputs=(
            "SYS_QUERY_EXPLAIN.plan_node",
            "SVV_TABLE_INFO.diststyle",
            "SVV_TABLE_INFO.sortkey1",
            "SVV_TABLE_INFO.unsorted",
            "SVV_TABLE_INFO.vacuum_sort_benefit",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(MERGE_UNSORTED_PERCENT, VACUUM_SORT_BENEFIT, MEDIUM_IMPACT),
        peers=(
            "AWS guide: hash join that could be a merge join",
            "awslabs: vacuum_sort_benefit (REC_012)",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Mergeable:
    """Hash joins of two tables on their distribution keys, with what they take of the time."""

    join_fact_ids: tuple[str, ...]
    tables: tuple[TableFact, TableFact]
    columns: tuple[str, str]
    steps: tuple[StepFact, ...]
    share: float

    @property
    def names(self) -> str:
        return " and ".join(fact.table.full_name for fact in self.tables)


Tables = tuple[TableFact, TableFact, str, str]
"""Of the outer and the inner side, and the columns that they are joined on."""


def hash_join_could_merge(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """One word on each pair of tables, and one finding on each unsorted table."""
    joins_of: dict[Tables, list[Join]] = defaultdict(list)
    for join in plan_nodes(case):
        if tables := _collocated_tables(case, join[0]):
            joins_of[tables].append(join)
    join_steps = JoinSteps(case) if joins_of else None
    found = [
        _mergeable(case, tables, joins, join_steps)
        for tables, joins in joins_of.items()
        if join_steps
    ]
    told: set[str] = set()
    for each in sorted(found, key=lambda one: -one.share):
        said = _judge(case, each)
        if said and said.subject not in told:
            told |= {said.subject} - {""}
            yield said


def _collocated_tables(case: CaseFile, node: PlanNode) -> Tables | None:
    is_hashed = node.is_join and "Hash" in node.operator and "Full" not in node.operator
    if not is_hashed or len(node.children) < 2:
        return None
    names = [own_table(case, side(node)) for side in (outer_side, inner_side)]
    outer, inner = (case.table(name) if name else None for name in names)
    if outer is None or inner is None or outer == inner:
        return None
    for pair in joined_columns(node):
        columns = pair.outer.lower(), pair.inner.lower()
        keys = distribution_column(outer.table), distribution_column(inner.table)
        if columns == keys:
            return outer, inner, *columns
    return None


def _mergeable(
    case: CaseFile, tables: Tables, joins: Sequence[Join], join_steps: JoinSteps
) -> Mergeable:
    outer, inner, *columns = tables
    steps = largest(step for node, _ in joins for step in join_steps.of(node, "hash", "hashjoin"))
    operators = [each for node, _ in joins for each in (node, inner_side(node))]
    return Mergeable(
        join_fact_ids=tuple(fact_id for _, fact_id in joins[:MOST_CITED]),
        tables=(outer, inner),
        columns=(columns[0], columns[1]),
        steps=tuple(steps),
        share=segment_share(case, steps) if case.steps else cost_share(case, operators),
    )


def _judge(case: CaseFile, join: Mergeable) -> Finding | RuledOut | None:
    """None where the join takes too little time for a word about it, or too little is known."""
    severity = weigh(case, Bucket.EXECUTION, join.share)
    impact = bucket_share(case, Bucket.EXECUTION) * join.share
    if severity is None or impact < case.limit(MEDIUM_IMPACT):
        return None
    others = [
        fact
        for fact, column in zip(join.tables, join.columns, strict=True)
        if sort_key_columns(fact.table)[:1] != (column,)
    ]
    if others:
        return _rule_out(case, join, _sorted_otherwise(others[0])) if len(others) == 1 else None
    if any(fact.table.unsorted_percent is None for fact in join.tables):
        return None
    unsorted = max(join.tables, key=lambda fact: fact.table.unsorted_percent or 0.0)
    if (unsorted.table.unsorted_percent or 0.0) < case.limit(MERGE_UNSORTED_PERCENT):
        limit = f"threshold {case.limit(MERGE_UNSORTED_PERCENT):g} %"
        return _rule_out(case, join, f"{_unsorted(join)} ({limit})")
    benefit = unsorted.table.vacuum_sort_benefit_percent
    if benefit is not None and benefit <= case.limit(VACUUM_SORT_BENEFIT):
        name = unsorted.table.full_name
        return _rule_out(case, join, f"vacuum_sort_benefit of {name} is {benefit:g}", name)
    return _finding(case, join, unsorted, severity)


def _finding(case: CaseFile, join: Mergeable, unsorted: TableFact, severity: Severity) -> Finding:
    table = unsorted.table
    benefit = table.vacuum_sort_benefit_percent
    known = f", vacuum_sort_benefit {benefit:g} %" if benefit is not None else ""
    limit = f"threshold {case.limit(MERGE_UNSORTED_PERCENT):g} %"
    return Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Hashes {join.names}, which could be merged",
            f"Hashes {table.full_name}, which could be merged",
        ),
        evidence=f"{join.names} are both distributed and sorted by what they are joined on,"
        f" {join.columns[0]}, so they could be merged; but {table.unsorted_percent:g} % of"
        f" {table.full_name} is unsorted ({limit}{known}), and they are hashed{_effect(join)}.",
        fact_ids=_fact_ids(case, join),
        subject=table.full_name,
        measures=(
            measured(case, MERGE_UNSORTED_PERCENT, "unsorted", table.unsorted_percent or 0.0),
        ),
        affected_share=join.share,
    )


def _effect(join: Mergeable) -> str:
    if not join.steps:
        return "; no steps were recorded to measure what that costs"
    rows = max(fact.step.output_rows for fact in join.steps)
    return (
        f", in steps of up to {rows_in_words(rows)} and segments with {percent(join.share)} of the"
        " segment time"
    )


def _rule_out(case: CaseFile, join: Mergeable, reason: str, subject: str = "") -> RuledOut:
    return RuledOut(
        check=CHECK,
        sentence=f"The hash join of {join.names} ({percent(join.share)} of the time) is not put"
        f" down to lost order: {reason}.",
        fact_ids=_fact_ids(case, join),
        subject=subject,
    )


def _sorted_otherwise(fact: TableFact) -> str:
    keys = sort_key_columns(fact.table)[:1]
    by = f"sorted by {keys[0]}" if keys else "without a sort key"
    return f"{fact.table.full_name} is {by}, so there is nothing to merge by"


def _unsorted(join: Mergeable) -> str:
    return (
        " and ".join(
            f"{fact.table.unsorted_percent or 0:g} % of {fact.table.full_name}"
            for fact in join.tables
        )
        + " are unsorted"
    )


def _fact_ids(case: CaseFile, join: Mergeable) -> tuple[str, ...]:
    return (*join.join_fact_ids, *cited(case, join.steps), *(fact.fact_id for fact in join.tables))
