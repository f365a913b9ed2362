"""A GROUP BY sends its rows to other slices to finish.

Anti-pattern: Each slice aggregates its own rows, sends what comes out to the slice that its group
belongs to, and there it is aggregated again (aggregate, distribute, aggregate in the steps). If
the first phase leaves a few thousand rows that is the best plan there is; if it leaves millions,
the GROUP BY has almost as many groups as rows and none of them stays on its slice.

Remedy: Group by the distribution key as well, where the question allows it, or distribute the
table on a column of the GROUP BY, if no join needs the present key more. Else aggregate to a
coarser grain first, or keep the result in a materialized view.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.checks.alerts import PLANNER_ALERTS, AlertKind, alert_ids, judge_alert_alone
from backend.checks.check import (
    LARGE_STEP_ROWS,
    base_tables,
    cited,
    measured,
    plan_nodes,
    segment_share,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.distribution import distribution_column
from backend.checks.moved_rows import Purpose, purposes
from backend.checks.rule import Rule
from backend.checks.step_flow import AGGREGATES
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, listed, number_in_words, percent, rows_in_words, titled
from backend.domain.time_buckets import Bucket
from backend.sql.group_by import GroupedColumn, groupings

CHECK = "two_phase_aggregation"

RULES = (
    Rule(
        name="two-phase aggregation of many rows (aggregate, distribute, aggregate)",
        inputs=(
            "SYS_QUERY_DETAIL.step_name",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_DETAIL.alert",
            "SYS_QUERY_HISTORY.query_text",
            "SVV_TABLE_INFO.diststyle",
        ),
        thresholds=(LARGE_STEP_ROWS, PLANNER_ALERTS),
        peers=(
            "AWS guide: AGG-DIST-AGG in SVL_QUERY_SUMMARY",
            "AWS query best practices: GROUP BY with the distribution key",
            "STL alert: Distributed a large number of rows … to process the aggregation",
            "Snowflake: INEFFICIENT_AGGREGATE",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A distribute step between aggregations; `first` is None where raw rows are sent."""

    move: StepFact
    first: StepFact | None
    second: StepFact | None

    @property
    def steps(self) -> list[StepFact]:
        """Those that a GROUP BY in one phase would do without."""
        return [self.move, *([self.second] if self.second else [])]


def two_phase_aggregation(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Only steps show it: the plan has one operator for both phases."""
    ids = alert_ids(case, AlertKind.DISTRIBUTED_ROWS, for_aggregation=True)
    if not case.steps:
        yield from judge_alert_alone(
            case,
            check=CHECK,
            about="rows distributed for a GROUP BY",
            title="Redshift raised an alert about rows moved for a GROUP BY",
            ids=ids,
        )
        return
    exchanges = sorted(exchanges_of(case), key=lambda each: -each.move.step.output_rows)
    large = [each for each in exchanges if each.move.step.output_rows > case.limit(LARGE_STEP_ROWS)]
    if large:
        yield from _judge(case, large)
    elif exchanges or ids:
        yield from _rule_out(case, exchanges, ids)


def exchanges_of(case: CaseFile) -> Iterator[Exchange]:
    for move, purpose, flow in purposes(case):
        if purpose is Purpose.AGGREGATION:
            first, second = flow.previous_working(move), flow.next_working(move)
            yield Exchange(
                move=move,
                first=first if first and step_name(first) in AGGREGATES else None,
                second=second if second and step_name(second) in AGGREGATES else None,
            )


def _rule_out(
    case: CaseFile, exchanges: Sequence[Exchange], ids: tuple[str, ...]
) -> Iterator[RuledOut]:
    """Worth a line where many rows go in: the first phase makes them few."""
    limit = rows_in_words(case.limit(LARGE_STEP_ROWS))
    first = exchanges[0].first if exchanges else None
    if first and first.step.input_rows > case.limit(LARGE_STEP_ROWS):
        move = exchanges[0].move
        yield RuledOut(
            check=CHECK,
            sentence=f"The GROUP BY moves few rows: each slice first makes"
            f" {number_in_words(move.step.output_rows)} of {rows_in_words(first.step.input_rows)}"
            f" (threshold {limit} moved).",
            fact_ids=cited(case, [move, first]),
        )
    elif ids:
        most = max((each.move.step.output_rows for each in exchanges), default=0)
        yield RuledOut(
            check=CHECK,
            sentence="What a GROUP BY moves is small, although a run raised an alert about it: at"
            f" most {rows_in_words(most)} in a step (threshold {limit}).",
            fact_ids=ids,
        )


def _judge(case: CaseFile, large: Sequence[Exchange]) -> Iterator[Finding | RuledOut]:
    steps = [fact for each in large for fact in each.steps]
    rows = sum(each.move.step.output_rows for each in large)
    share = segment_share(case, steps)
    severity = weigh(case, Bucket.EXECUTION, share)
    table = _grouped_table(case)
    subject = table.table.full_name if table else ""
    statement_ids = (case.statement.fact_id,) if case.statement else ()
    fact_ids = (*cited(case, steps), *statement_ids, *((table.fact_id,) if table else ()))
    if severity is None:
        what = f"{rows_in_words(rows)} are moved for a GROUP BY"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=subject)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"A GROUP BY on {subject} moves {rows_in_words(rows)}" if subject else "",
            f"A GROUP BY moves {rows_in_words(rows)} to other slices",
        ),
        evidence=f"{counted(len(large), 'distribute step')} sent {rows_in_words(rows)} to other"
        f" slices for a GROUP BY (threshold {rows_in_words(case.limit(LARGE_STEP_ROWS))} each), in"
        f" segments with {percent(share)} of the segment time"
        f"{_first_phase(large[0])}.{_keys(case, table)}",
        fact_ids=fact_ids,
        subject=subject,
        measures=(measured(case, LARGE_STEP_ROWS, "moved for a GROUP BY", rows),),
        affected_share=share,
    )


def _first_phase(exchange: Exchange) -> str:
    if exchange.first is None:
        return "; they were sent before any of them was aggregated"
    taken_in = exchange.first.step.input_rows
    made = rows_in_words(exchange.first.step.output_rows)
    if not taken_in:
        return f"; the first phase on each slice left {made}"
    made = number_in_words(exchange.first.step.output_rows)
    return f"; the first phase on each slice left {made} of {rows_in_words(taken_in)}"


def _grouped_table(case: CaseFile) -> TableFact | None:
    """The largest table below the plan's aggregates, or of the whole statement without a plan."""
    names = {
        name
        for node, _ in plan_nodes(case)
        if "Aggregate" in node.operator
        for name in base_tables(node)
    }
    known = [fact for fact in map(case.table, names) if fact] if names else list(case.tables)
    sized = [fact for fact in known if fact.table.row_count is not None]
    return max(sized, key=lambda fact: (fact.table.row_count or 0, fact.fact_id), default=None)


def _keys(case: CaseFile, table: TableFact | None) -> str:
    """A sentence on why the groups do not stay on their slices, as far as it is known."""
    if table is None:
        return ""
    key = distribution_column(table.table)
    name = table.table.full_name
    if key is None:
        return f" {name} is DISTSTYLE {table.table.distribution_style or 'unknown'}."
    grouped = grouped_columns(case)
    if not grouped:
        return f" {name} is distributed by {key}."
    columns = listed(list(dict.fromkeys(each.column_name for each in grouped)))
    if any(_is_column(case, each, table, key) for each in grouped):
        return (
            f" It groups by {key}, by which {name} is distributed, so a join before it has moved"
            " the rows away."
        )
    return f" It groups by {columns}, not by {key}, by which {name} is distributed."


def grouped_columns(case: CaseFile) -> list[GroupedColumn]:
    found = groupings(case.scrubbed_sql) if case.scrubbed_sql else None
    return [column for grouping in found or () for column in grouping.columns]


def _is_column(case: CaseFile, grouped: GroupedColumn, table: TableFact, key: str) -> bool:
    """By name alone where the statement does not tell the table: doubt acquits."""
    if grouped.column_name != key:
        return False
    owner = case.table(grouped.table_name) if grouped.table_name else None
    return owner in (None, table) or _joins_on(case, key)


def _joins_on(case: CaseFile, column_name: str) -> bool:
    """Whether a join of the plan equates columns of this name, so that either stands for both."""
    return any(
        f".{column_name}" in condition.text.lower().replace('"', "")
        for fact in case.plan_nodes
        if fact.node.is_join
        for condition in fact.node.conditions
    )
