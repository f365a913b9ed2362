"""Puts together all that is known of one pattern over a window of days, each fact with its id."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from backend.domain.case_file import (
    AdvisorFact,
    AlertFact,
    BucketsFact,
    CaseFile,
    CostFact,
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
from backend.domain.errors import UnknownPatternError
from backend.domain.evidence import Evidence, Segment, Step, StepsEvidence
from backend.domain.money import Cost, Prices
from backend.domain.pattern import Pattern, PatternFilter, RankedPattern
from backend.domain.plan import Plan
from backend.domain.regression import Regression
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.domain.time_buckets import TimeBuckets
from backend.services.case_changes import find_changes, regression_until
from backend.services.case_gaps import find_gaps
from backend.services.case_outside import lake_facts, load_facts, view_facts
from backend.services.case_tables import find_tables
from backend.services.ports import HistoryStore
from backend.sql.read_statement import StatementReading, read_statement

DEFAULT_WINDOW_DAYS = 28

MOST_SEGMENTS = 60
"""A large report has some 20 to 50 segments; of longer lists the longest segments hold the time."""

NextId = Callable[[], str]


def build_case_file(
    query_hash: str,
    *,
    store: HistoryStore,
    now: datetime,
    first_day: date | None = None,
    last_day: date | None = None,
    limits: Limits = DEFAULT_LIMITS,
    prices: Prices | None = None,
) -> CaseFile:
    """The case file over the given UTC days; by default the 28 up to the newest day with runs.

    The same store and arguments give the same case file. Raises UnknownPatternError.
    """
    pattern = store.pattern(query_hash)
    last_day = last_day or store.known_names().last_day or now.astimezone(UTC).date()
    first_day = first_day or last_day - timedelta(days=DEFAULT_WINDOW_DAYS - 1)
    wanted = PatternFilter(first_day=first_day, last_day=last_day)
    figures = _figures(pattern, wanted, store)
    evidence = store.evidence(query_hash) or Evidence(query_hash=query_hash, collected_at=now)
    plan = evidence.plan.plan if evidence.plan else None
    steps = _of_longest_segments(evidence.steps)
    reading = read_statement(pattern.scrubbed_sql) if pattern.scrubbed_sql else None
    found = find_tables(
        _table_names(pattern, reading, plan, steps, evidence),
        databases=[share.name for share in figures.databases],
        store=store,
    )
    window_end = datetime.combine(last_day + timedelta(days=1), time(), tzinfo=UTC)
    next_id = map("F{}".format, count(1)).__next__
    case = CaseFile(
        query_hash=query_hash,
        built_at=now,
        window_start=datetime.combine(first_day, time(), tzinfo=UTC),
        window_end=window_end,
        query_type=pattern.query_type,
        scrubbed_sql=pattern.scrubbed_sql,
        withheld_reason=pattern.withheld_reason,
        model_form=pattern.model_form,
        literal_marks=pattern.literal_marks,
        limits=limits,
        # From here on in the order of CaseFile.facts(), which numbers the facts.
        statistics=_statistics(figures, next_id()),
        buckets=BucketsFact(fact_id=next_id(), buckets=figures.buckets),
        cost=_cost(figures, prices, next_id),
        regression=_regression(regression_until(pattern, window_end), next_id),
        statement=statement_fact(reading, next_id()) if reading else None,
        plan=plan,
        plan_query_id=evidence.plan.query_id if evidence.plan else None,
        plan_nodes=tuple(_plan_nodes(plan, next_id)),
        plan_notices=tuple(_plan_notices(plan, next_id)),
        steps_query_id=steps.query_id if steps else None,
        steps_elapsed_seconds=steps.elapsed_seconds if steps else 0.0,
        steps_returned_rows=steps.returned_rows if steps else 0,
        steps_returned_bytes=steps.returned_bytes if steps else 0,
        segments=tuple(
            SegmentFact(fact_id=next_id(), segment=segment)
            for segment in (steps.segments if steps else ())
        ),
        steps=tuple(
            StepFact(fact_id=next_id(), step=step) for step in (steps.steps if steps else ())
        ),
        alerts=tuple(AlertFact(fact_id=next_id(), alert=alert) for alert in evidence.alerts),
        tables=tuple(TableFact(fact_id=next_id(), table=table) for table in found.tables),
        advisor=tuple(
            AdvisorFact(fact_id=next_id(), advice=advice)
            for advice in sorted(
                store.advisor_rows([table.full_name for table in found.tables]),
                key=lambda row: (row.table_name or "", row.kind, row.group_id, row.ddl),
            )
        ),
        changes=find_changes(
            pattern,
            evidence=evidence,
            tables=found.tables,
            window_end=window_end,
            store=store,
            limits=limits,
            next_id=next_id,
        ),
    )
    days = (first_day, last_day)
    case = lake_facts(case, evidence, days, store, next_id, prices=prices)
    case = load_facts(case, evidence, days, next_id)
    case = view_facts(case, store, next_id)
    slices = store.slice_count() if case.loads else None
    if slices:
        case = replace(case, slices=SlicesFact(fact_id=next_id(), slices=slices))
    return replace(case, missing=tuple(find_gaps(case, evidence, found)))


def _figures(pattern: Pattern, wanted: PatternFilter, store: HistoryStore) -> RankedPattern:
    """The pattern's row of the ranking; all zero where it did not run in the window."""
    try:
        return store.ranked_pattern(pattern.query_hash, wanted)
    except UnknownPatternError:
        return RankedPattern(
            rank=0,
            pattern=pattern,
            runs=0,
            failed_runs=0,
            canceled_runs=0,
            cache_hits=0,
            failed_seconds=0.0,
            total_elapsed_seconds=0.0,
            p50_elapsed_seconds=0.0,
            p95_elapsed_seconds=0.0,
            max_elapsed_seconds=0.0,
            has_exact_quantiles=True,
            share=0.0,
            buckets=TimeBuckets(),
        )


def _of_longest_segments(steps: StepsEvidence | None) -> StepsEvidence | None:
    """The longest segments and their steps, in the order of execution. Where the row of a
    segment is missing, its steps say how long it took."""
    if steps is None:
        return None
    seconds_of: dict[tuple[int, int], float] = {}
    for segment in steps.segments:
        key = _segment_key(segment)
        seconds_of[key] = seconds_of.get(key, 0.0) + segment.duration_seconds
    for step in steps.steps:
        seconds_of.setdefault(_segment_key(step), step.segment_seconds)
    longest_first = sorted(seconds_of, key=lambda key: (-seconds_of[key], key))
    kept = set(longest_first[:MOST_SEGMENTS] if steps.segments else longest_first)
    return replace(
        steps,
        segments=tuple(
            sorted((s for s in steps.segments if _segment_key(s) in kept), key=_segment_key)
        ),
        steps=tuple(
            sorted(
                (s for s in steps.steps if _segment_key(s) in kept),
                key=lambda step: (*_segment_key(step), step.step_id),
            )
        ),
    )


def _segment_key(row: Segment | Step) -> tuple[int, int]:
    return row.child_query_sequence, row.segment_id


def _table_names(
    pattern: Pattern,
    reading: StatementReading | None,
    plan: Plan | None,
    steps: StepsEvidence | None,
    evidence: Evidence,
) -> Iterator[str]:
    """Without those of the data lake: they have no row in SVV_TABLE_INFO."""
    nodes = [node for node in (plan.walk() if plan else ()) if node.table_name]
    lake = {node.table_name for node in nodes if node.reads_lake}
    lake |= {scan.table_name for scan in (evidence.lake.scans if evidence.lake else ())}
    lake |= {name.partition(".")[2] for name in lake if name and name.count(".") > 1}
    for name in reading.table_names if reading else pattern.table_names:
        if name not in lake:
            yield name
    for node in nodes:
        if node.table_name and node.table_name not in lake:
            yield node.table_name
    for step in steps.steps if steps else ():
        if step.table_name and step.table_name not in lake:
            yield step.table_name


def _statistics(figures: RankedPattern, fact_id: str) -> StatisticsFact:
    return StatisticsFact(
        fact_id=fact_id,
        runs=figures.runs,
        failed_runs=figures.failed_runs,
        canceled_runs=figures.canceled_runs,
        cache_hits=figures.cache_hits,
        total_elapsed_seconds=figures.total_elapsed_seconds,
        p50_elapsed_seconds=figures.p50_elapsed_seconds,
        p95_elapsed_seconds=figures.p95_elapsed_seconds,
        max_elapsed_seconds=figures.max_elapsed_seconds,
        share=figures.share,
        users=figures.users,
        databases=figures.databases,
        labels=figures.labels,
    )


def _cost(figures: RankedPattern, prices: Prices | None, next_id: NextId) -> CostFact | None:
    if figures.busy is None or figures.cluster is None:
        return None
    dollars = prices.of_pattern(figures.busy, figures.cluster) if prices else None
    return CostFact(
        fact_id=next_id(),
        busy=figures.busy,
        cluster=figures.cluster,
        cost=Cost(dollars=dollars, prices_as_of=prices.as_of)
        if prices and dollars is not None
        else None,
    )


def _regression(regression: Regression | None, next_id: NextId) -> RegressionFact | None:
    return RegressionFact(fact_id=next_id(), regression=regression) if regression else None


def statement_fact(reading: StatementReading, fact_id: str) -> StatementFact:
    return StatementFact(
        fact_id=fact_id,
        table_names=reading.table_names,
        selects_star=reading.selects_star,
        starred_tables=reading.starred_tables,
        join_count=reading.join_count,
        wrapped_columns=reading.wrapped_columns,
        filtered_columns=reading.filtered_columns,
        query_count=reading.query_count,
        clauses=reading.clauses,
    )


def _plan_nodes(plan: Plan | None, next_id: NextId) -> Iterator[PlanNodeFact]:
    for node in plan.walk() if plan else ():
        yield PlanNodeFact(fact_id=next_id(), node=replace(node, children=()))


def _plan_notices(plan: Plan | None, next_id: NextId) -> Iterator[PlanNoticeFact]:
    if plan is None:
        return
    for text in plan.notices:
        names_tables = text.startswith("Tables missing statistics")
        yield PlanNoticeFact(
            fact_id=next_id(),
            text=text,
            tables_missing_statistics=plan.tables_missing_statistics if names_tables else (),
        )
