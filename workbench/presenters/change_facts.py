"""What stands behind a fact about change: one sentence each."""

from collections.abc import Callable, Sequence

from backend.domain.change_facts import (
    ChangeFact,
    ComparisonFact,
    LevelChangeFact,
    OtherWorkFact,
    PlanChangeFact,
    PlanComparisonFact,
    PlanUse,
    RecordedRunsFact,
    RecordedSide,
    ScanChangeFact,
    Spread,
    TableChangeFact,
    TableEventFact,
    VersionFact,
    WaitChangeFact,
)
from backend.domain.comparison import Comparison, ComparisonBasis
from backend.domain.in_words import sentence
from backend.domain.table_history import TableChange, TableEvent, TableEventKind, TableFigure
from backend.domain.time_buckets import Bucket
from workbench.presenters.bucket_bar import BUCKET_WORDS
from workbench.presenters.wording import (
    count,
    duration,
    full_day,
    megabytes,
    moment_text,
    number_of,
    per_cent,
    ratio,
)

CHANGE_FACT_KINDS = {
    "level_change": "Change of time",
    "wait_change": "Longer wait",
    "comparison": "Fast and slow runs",
    "recorded_runs": "Recorded runs",
    "plan_comparison": "Plans compared",
    "plan_change": "Plan change",
    "scan_change": "Rows read",
    "table_change": "Table then and now",
    "table_event": "Done to a table",
    "version": "Redshift version",
    "other_work": "Other patterns",
}


def change_sentence(fact: ChangeFact) -> str:  # noqa: C901, PLR0911 - one line for each kind
    match fact:
        case LevelChangeFact():
            change = fact.change
            direction = "slower" if change.ratio > 1 else "faster"
            times = change.ratio if change.ratio > 1 else 1 / max(change.ratio, 1e-6)
            return (
                f"{ratio(times)} {direction} from {moment_text(change.changed_at)} on, without "
                f"waiting: median {duration(change.median_before_seconds)} of "
                f"{number_of(change.runs_before, 'run')} → {duration(change.median_after_seconds)} "
                f"of {number_of(change.runs_after, 'run')}"
            )
        case WaitChangeFact():
            wait = fact.change
            return (
                f"{BUCKET_WORDS[wait.bucket].lower()} {duration(wait.mean_after_seconds)} a run on "
                f"average since {moment_text(wait.changed_at)}, "
                f"{duration(wait.mean_before_seconds)} before"
            )
        case ComparisonFact():
            return _comparison(fact.comparison)
        case RecordedRunsFact():
            return _recorded(fact)
        case PlanComparisonFact():
            return _plans(fact)
        case PlanChangeFact():
            return sentence(fact.change.sentence)
        case ScanChangeFact():
            return _scan(fact)
        case TableChangeFact():
            changes = ", ".join(_figure(change) for change in fact.changes) or "nothing changed"
            return (
                f"{fact.table_name} between {full_day(fact.before_at)} and "
                f"{full_day(fact.after_at)}: {changes}"
            )
        case TableEventFact():
            return _event(fact.event)
        case VersionFact():
            return _version(fact)
        case OtherWorkFact():
            return (
                f"all other patterns take {duration(fact.seconds_a_day_after)} a day in the "
                f"{number_of(fact.days_after, 'day')} after the slow-down, "
                f"{duration(fact.seconds_a_day_before)} in the "
                f"{number_of(fact.days_before, 'day')} before it"
            )


def _comparison(comparison: Comparison) -> str:
    fast, slow = comparison.fast, comparison.slow
    sides = (
        ("the fastest", "the slowest")
        if comparison.basis is ComparisonBasis.FAST_AND_SLOW
        else ("before", "after")
    )
    grown = [
        f"{BUCKET_WORDS[bucket].lower()} {_signed(comparison.growth_seconds(bucket))}"
        for bucket in Bucket
        if abs(comparison.growth_seconds(bucket)) >= 0.001
    ]
    return (
        f"{duration(fast.elapsed_seconds)} a run ({sides[0]}, {number_of(fast.runs, 'run')}) → "
        f"{duration(slow.elapsed_seconds)} ({sides[1]}, {number_of(slow.runs, 'run')}): "
        f"{', '.join(grown) or 'no time bucket differs'}; returned rows "
        f"{count(fast.returned_rows)} → {count(slow.returned_rows)}"
    )


def _signed(seconds: float) -> str:
    return f"{'+' if seconds > 0 else '−'}{duration(abs(seconds))}"


def _recorded(fact: RecordedRunsFact) -> str:
    if fact.fast is None and fact.slow is None:
        return f"recorded runs worked by {_uses(fact.plans)}"
    sides = (("before", fact.fast), ("after", fact.slow))
    return "; ".join(f"{word}: {_side(side)}" for word, side in sides)


def _uses(plans: Sequence[PlanUse]) -> str:
    if not plans:
        return "plans that were not recorded"
    return ", ".join(
        f"plan {use.plan_hash} ({number_of(use.runs, 'run')}, {_range(use.own_seconds, duration)})"
        for use in plans
    )


def _side(side: RecordedSide | None) -> str:
    if side is None:
        return "no run recorded"
    told = [number_of(side.runs, "recorded run")]
    told.append(f"{number_of(len(side.plan_hashes), 'plan')}" if side.plan_hashes else "no plan")
    for figure, word, write in (
        (side.scanned_rows, "rows scanned", count),
        (side.blocks_read, "read", megabytes),
        (side.spilled_mb, "spilled", megabytes),
    ):
        if figure is not None:
            told.append(f"{_range(figure, write)} {word}")
    return ", ".join(told)


def _range(spread: Spread, write: Callable[[float], str]) -> str:
    if spread.least == spread.most:
        return write(spread.median)
    return f"{write(spread.least)} to {write(spread.most)}"


def _plans(fact: PlanComparisonFact) -> str:
    runs = (
        f"run {fact.fast_query_id} of {moment_text(fact.fast_start)} "
        f"({duration(fact.fast_own_seconds)}) and run {fact.slow_query_id} of "
        f"{moment_text(fact.slow_start)} ({duration(fact.slow_own_seconds)})"
    )
    if fact.is_same:
        return f"{runs} worked by the same plan, {fact.fast_hash}"
    return f"{runs} worked by other plans: {fact.fast_hash} and {fact.slow_hash}"


def _scan(fact: ScanChangeFact) -> str:
    told = f"{fact.table_name}: {count(fact.fast_rows)} → {count(fact.slow_rows)} rows scanned"
    if fact.fast_blocks is not None and fact.slow_blocks is not None:
        told += f", {megabytes(fact.fast_blocks)} → {megabytes(fact.slow_blocks)} read"
    if fact.fast_is_restricted and fact.slow_is_restricted is False:
        told += ", no longer range restricted"
    return told


def _figure(change: TableChange) -> str:
    if change.figure is TableFigure.ENCODINGS:
        return "other columns or encodings"
    return f"{change.figure.value} {_value(change, change.before)} → {_value(change, change.after)}"


def _value(change: TableChange, value: float | str | None) -> str:
    if isinstance(value, str) or value is None:
        return value or "unknown"
    if change.figure is TableFigure.SIZE:
        return megabytes(value)
    return count(value) if change.figure is TableFigure.ROWS else f"{value:g} %"


def _event(event: TableEvent) -> str:
    at = moment_text(event.at)
    details = f" ({event.detail})" if event.detail else ""
    by_itself = " by Redshift itself" if event.is_automatic else ""
    match event.kind:
        case TableEventKind.CREATED:
            return f"{event.full_name} was created on {at}"
        case TableEventKind.STATEMENT:
            return f"{event.what} on {event.full_name} ended on {at}{details}"
        case TableEventKind.AUTO_OPTIMIZATION:
            return f"{event.full_name} got another {event.what}{by_itself} on {at}{details}"
        case _:
            done = f"{event.kind.value.upper()} {event.what}".strip()
            return f"{done} of {event.full_name}{by_itself} ended on {at}{details}"


def _version(fact: VersionFact) -> str:
    told = (
        f"{fact.before} → {fact.after} on {moment_text(fact.changed_at)}: this pattern takes "
        f"{duration(fact.median_before_seconds)} before and "
        f"{duration(fact.median_after_seconds)} after it"
    )
    if not fact.pattern_count:
        return told
    share = fact.slowed_patterns / fact.pattern_count
    return (
        f"{told}; {count(fact.slowed_patterns)} of {number_of(fact.pattern_count, 'pattern')} "
        f"({per_cent(share)}) became slower near it, {count(fact.unrelated_patterns)} of them "
        "without a table in common"
    )
