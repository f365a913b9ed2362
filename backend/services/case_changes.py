"""All that a case file says about change, put together from the store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from backend.domain.causes.thresholds import CAUSE_DAYS, VERSION_DAYS
from backend.domain.change_facts import (
    Changes,
    ComparisonFact,
    LevelChangeFact,
    OtherWorkFact,
    TableChangeFact,
    TableEventFact,
    VersionFact,
    WaitChangeFact,
)
from backend.domain.comparison import (
    FASTEST_PART,
    RUNS_A_SIDE_AT_MOST,
    SLOWEST_PART,
    Comparison,
    ComparisonBasis,
    compare,
    compare_fast_and_slow,
)
from backend.domain.evidence import Evidence, Table
from backend.domain.pattern import Pattern, PatternFilter, SlowedPattern
from backend.domain.regression import Regression, own_time_us
from backend.domain.runs import Runs
from backend.domain.threshold import Limits
from backend.domain.timeline import Timeline
from backend.services.case_moved import moved_tables, table_events
from backend.services.case_recorded import compared_plans, recorded_runs, scan_changes
from backend.services.ports import HistoryStore

MOST_LEVELS = 6
DAYS_OF_LOAD = 7
RUNS_OF_A_VERSION = 4

NextId = Callable[[], str]


def regression_until(pattern: Pattern, window_end: datetime) -> Regression | None:
    """What began after the window is none of its business."""
    known = pattern.regression
    return known if known and known.changed_at < window_end else None


def find_changes(
    pattern: Pattern,
    *,
    evidence: Evidence,
    tables: Sequence[Table],
    window_end: datetime,
    store: HistoryStore,
    limits: Limits,
    next_id: NextId,
) -> Changes:
    regression = regression_until(pattern, window_end)
    changed_at = regression.changed_at if regression else None
    timeline = _until(store.timeline(pattern.query_hash), window_end)
    history = _History(pattern.query_hash, timeline, store=store, window_end=window_end)
    # From here on in the order of Changes.facts(), which numbers the facts.
    levels = tuple(
        LevelChangeFact(fact_id=next_id(), change=change)
        for change in timeline.changes[-MOST_LEVELS:]
    )
    waits = tuple(WaitChangeFact(fact_id=next_id(), change=wait) for wait in timeline.waits)
    comparison = _comparison(history, regression, limits)
    compared = ComparisonFact(fact_id=next_id(), comparison=comparison) if comparison else None
    recorded = recorded_runs(evidence.sightings, changed_at, next_id)
    plans, plan_changes = compared_plans(evidence, changed_at, next_id)
    scans = tuple(scan_changes(evidence, changed_at, _name_of(tables), next_id))
    moved, events = _moved(tables, changed_at, store=store, limits=limits, next_id=next_id)
    version = _version(history, regression, limits, next_id)
    return Changes(
        levels=levels,
        waits=waits,
        comparison=compared,
        recorded_runs=recorded,
        plans=plans,
        plan_changes=plan_changes,
        scans=scans,
        tables=moved,
        events=events,
        version=version,
        other_work=_other_work(history, regression, next_id) if regression else None,
    )


def _moved(
    tables: Sequence[Table],
    changed_at: datetime | None,
    *,
    store: HistoryStore,
    limits: Limits,
    next_id: NextId,
) -> tuple[tuple[TableChangeFact, ...], tuple[TableEventFact, ...]]:
    if changed_at is None:
        return (), ()
    moved = tuple(moved_tables(tables, changed_at, store=store, next_id=next_id))
    days = limits.of(CAUSE_DAYS)
    return moved, tuple(
        table_events(tables, changed_at, days_before=days, store=store, next_id=next_id)
    )


def _until(timeline: Timeline, window_end: datetime) -> Timeline:
    return Timeline(
        changes=tuple(one for one in timeline.changes if one.changed_at < window_end),
        waits=tuple(one for one in timeline.waits if one.changed_at < window_end),
    )


class _History:
    """The pattern's runs up to the end of the window, read no further back than is asked."""

    def __init__(
        self, query_hash: str, timeline: Timeline, *, store: HistoryStore, window_end: datetime
    ) -> None:
        self.query_hash = query_hash
        self.timeline = timeline
        self.store = store
        self.window_end = window_end
        self._read: dict[datetime, Runs] = {}

    def up_to(self, end: datetime) -> Runs:
        """The newest runs that started before this moment, oldest first."""
        if end not in self._read:
            self._read[end] = self.store.newest_runs(
                self.query_hash, limit=RUNS_A_SIDE_AT_MOST, before=end
            )
        return self._read[end]

    def since(self, start: datetime) -> Runs:
        runs = self.up_to(self.window_end)
        return runs.take(runs.started_us >= _us(start))

    def level_before(self, moment: datetime) -> Runs:
        """Back to the change before that one."""
        runs = self.up_to(moment)
        earlier = [one.changed_at for one in self.timeline.changes if one.changed_at < moment]
        return runs.take(runs.started_us >= _us(max(earlier))) if earlier else runs

    def around(self, moment: datetime | None) -> Runs:
        if moment is None:
            return self.up_to(self.window_end)
        return Runs.concat([self.up_to(moment), self.since(moment)])


def _comparison(
    history: _History, regression: Regression | None, limits: Limits
) -> Comparison | None:
    """Before and after the slow-down, or the longest wait since a day, or fast and slow runs."""
    waits = sorted(history.timeline.waits, key=lambda wait: -wait.extra_seconds_a_run)
    changed_at = regression.changed_at if regression else None
    basis = ComparisonBasis.SLOW_DOWN
    if changed_at is None and waits:
        changed_at, basis = waits[0].changed_at, ComparisonBasis.LONGER_WAIT
    if changed_at:
        compared = compare(
            history.level_before(changed_at),
            history.since(changed_at),
            basis=basis,
            changed_at=changed_at,
        )
        if compared:
            return compared
    return compare_fast_and_slow(
        history.up_to(history.window_end),
        fastest_part=limits.of(FASTEST_PART),
        slowest_part=limits.of(SLOWEST_PART),
    )


def _name_of(tables: Sequence[Table]) -> Callable[[str], str]:
    """`schema.table` as the stored table has it; else the last two parts of the name."""
    known = {f"{table.schema_name}.{table.table_name}".lower(): table.full_name for table in tables}

    def name_of(name: str) -> str:
        written = ".".join(name.replace('"', "").lower().split(".")[-2:])
        return known.get(written, written)

    return name_of


def _version(
    history: _History, regression: Regression | None, limits: Limits, next_id: NextId
) -> VersionFact | None:
    runs = history.around(regression.changed_at if regression else None)
    timed = runs.take(runs.is_timed)
    boundary = _version_boundary(timed)
    if boundary is None:
        return None
    versions = timed.redshift_version
    own_us = own_time_us(timed)
    changed_at = _moment(int(timed.started_us[boundary]))
    days = timedelta(days=limits.of(VERSION_DAYS))
    before, after = own_us[:boundary], own_us[boundary:]
    slowed: Sequence[SlowedPattern] = ()
    pattern_count = 0
    if regression:
        is_near = abs(regression.changed_at - changed_at) <= days
        if is_near:
            found = history.store.slowed_patterns(changed_at - days / 4, changed_at + days)
            slowed, pattern_count = found.patterns, found.pattern_count
        elif changed_at < regression.changed_at:
            after = own_us[boundary : np.searchsorted(timed.started_us, _us(regression.changed_at))]
    return VersionFact(
        fact_id=next_id(),
        before=versions.names[versions.codes[boundary - 1]],
        after=versions.names[versions.codes[boundary]],
        changed_at=changed_at,
        median_before_seconds=float(np.median(before)) / 1e6,
        median_after_seconds=float(np.median(after)) / 1e6 if len(after) else 0.0,
        slowed_patterns=len(slowed),
        unrelated_patterns=_unrelated(slowed),
        pattern_count=pattern_count,
    )


def _version_boundary(timed: Runs) -> int | None:
    """The first run of the newest version, if there are runs enough on either side."""
    codes, names = timed.redshift_version.codes, timed.redshift_version.names
    if len(timed) < 2 * RUNS_OF_A_VERSION or not names[codes[-1]]:
        return None
    is_newest = codes == codes[-1]
    boundary = int(np.argmax(is_newest))
    has_sides = min(boundary, len(timed) - boundary) >= RUNS_OF_A_VERSION
    # Runs of two clusters are mixed: their versions say nothing of a time.
    is_one_move = has_sides and bool(is_newest[boundary:].mean() >= 0.9)
    return boundary if is_one_move and names[codes[boundary - 1]] else None


def _unrelated(slowed: Iterable[SlowedPattern]) -> int:
    """How many can be found of which no two read the same table; those that name none are left
    out."""
    taken: set[str] = set()
    count = 0
    for pattern in sorted(slowed, key=lambda one: (len(one.table_names), one.query_hash)):
        bare = {name.rpartition(".")[2].lower() for name in pattern.table_names}
        if bare and not bare & taken:
            taken |= bare
            count += 1
    return count


def _other_work(history: _History, regression: Regression, next_id: NextId) -> OtherWorkFact | None:
    """Of whole days: neither the day of the change nor the newest, which the export may have
    cut off."""
    day = regression.changed_at.date()
    last_day = min(
        day + timedelta(days=DAYS_OF_LOAD), (history.window_end - timedelta(days=2)).date()
    )
    wanted = PatternFilter(first_day=day - timedelta(days=DAYS_OF_LOAD), last_day=last_day)
    own = {
        one.day: one.total_elapsed_seconds
        for one in history.store.pattern_days(history.query_hash, wanted.first_day, wanted.last_day)
    }
    others = {
        each: seconds - own.get(each, 0.0)
        for each, seconds in history.store.daily_seconds(wanted).items()
    }
    before = _seconds(others, lambda each: each < day)
    after = _seconds(others, lambda each: each > day)
    if not before or not after:
        return None
    return OtherWorkFact(
        fact_id=next_id(),
        days_before=len(before),
        days_after=len(after),
        seconds_a_day_before=sum(before) / len(before),
        seconds_a_day_after=sum(after) / len(after),
    )


def _seconds(others: Mapping[date, float], is_side: Callable[[date], bool]) -> list[float]:
    """Days on which nothing at all ran are days without an export."""
    return [seconds for day, seconds in others.items() if is_side(day) and seconds > 0]


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC)
