"""What went on around a slow-down: version, load, waiting, tables, statistics."""

from collections.abc import Sequence

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.causes.cause import Cause, CauseKind, Evidence, Excluded, Happening
from backend.domain.causes.tables import happenings, times_in_words
from backend.domain.causes.thresholds import (
    CAUSE_DAYS,
    LOAD_TIMES,
    VERSION_DAYS,
    VERSION_PATTERNS,
    VERSION_SHARE,
)
from backend.domain.change_facts import VersionFact
from backend.domain.comparison import ComparisonBasis
from backend.domain.finding import Measure
from backend.domain.in_words import (
    counted,
    duration_in_words,
    listed,
    percent,
)
from backend.domain.threshold import STATISTICS_OFF_PERCENT
from backend.domain.time_buckets import Bucket
from backend.domain.timeline import WAITING_BUCKETS

_HAPPENED = frozenset(
    {Happening.REDEFINED, Happening.REDESIGNED, Happening.OPTIMIZED, Happening.GREW}
)


def version_evidence(case: CaseFile) -> Evidence:
    """A patch is only credible where many patterns that have nothing in common move together."""
    fact = case.changes.version
    if fact is None or case.regression is None:
        return _no_other_version(case)
    gap = case.regression.regression.changed_at - fact.changed_at
    days = gap.total_seconds() / 86_400
    if abs(days) > case.limit(VERSION_DAYS):
        return Evidence(excluded=(_far_version(fact, days),))
    share = fact.slowed_patterns / max(fact.pattern_count, 1)
    enough = case.limit(VERSION_PATTERNS)
    if fact.unrelated_patterns < enough or share < case.limit(VERSION_SHARE):
        return Evidence(excluded=(_unlikely_version(case, fact, share),))
    return Evidence(
        causes=(
            Cause(
                kind=CauseKind.VERSION,
                clause=f"with {fact.after} (since {fact.changed_at:%Y-%m-%d}) {_moved(fact, share)}"
                " became slower",
                short="came with a new Redshift version",
                fact_ids=(fact.fact_id,),
                measures=(
                    Measure(
                        name="unrelated patterns that moved together",
                        value=fact.unrelated_patterns,
                        unit="patterns",
                        threshold=enough,
                    ),
                ),
            ),
        )
    )


def _moved(fact: VersionFact, share: float) -> str:
    return (
        f"{fact.slowed_patterns:,} of {counted(fact.pattern_count, 'pattern')} ({percent(share)}),"
        f" {fact.unrelated_patterns:,} of them without a table in common,"
    )


def _no_other_version(case: CaseFile) -> Evidence:
    fact = case.changes.comparison
    if fact is None or fact.comparison.basis is not ComparisonBasis.SLOW_DOWN:
        return Evidence()
    fast, slow = fact.comparison.fast.versions, fact.comparison.slow.versions
    if not fast or not slow:
        return Evidence(unseen=("its redshift_version",))
    if len({*fast, *slow}) > 1:
        return Evidence()
    return Evidence(
        excluded=(
            Excluded(
                what="the Redshift version",
                sentence=f"The Redshift version is not the cause: {slow[0]} before and after it.",
                fact_ids=(fact.fact_id,),
            ),
        )
    )


def _far_version(fact: VersionFact, days: float) -> Excluded:
    when = "before" if days > 0 else "after"
    still = (
        f"; runs took {duration_in_words(fact.median_before_seconds)} before and"
        f" {duration_in_words(fact.median_after_seconds)} after the new version"
        if days > 0
        else ""
    )
    return Excluded(
        what="the Redshift version",
        sentence=f"The Redshift version is not the cause: {fact.after} came"
        f" {counted(round(abs(days)), 'day')} {when} the slow-down{still}.",
        fact_ids=(fact.fact_id,),
    )


def _unlikely_version(case: CaseFile, fact: VersionFact, share: float) -> Excluded:
    came = f"{fact.after} came on {fact.changed_at:%Y-%m-%d}"
    moved = f"{fact.slowed_patterns:,} of {counted(fact.pattern_count, 'pattern')} became slower"
    unrelated = f"{fact.unrelated_patterns:,} of them without a table in common"
    if share < case.limit(VERSION_SHARE):
        limit = percent(case.limit(VERSION_SHARE))
        told = (
            f"{came}, but only {moved} near it ({percent(share)}, threshold {limit}), {unrelated}"
        )
    else:
        told = (
            f"{came} and {moved} near it, but only {unrelated} (threshold"
            f" {case.limit(VERSION_PATTERNS):g})"
        )
    return Excluded(
        what="the Redshift version",
        sentence=f"The Redshift version cannot be blamed: {told}.",
        fact_ids=(fact.fact_id,),
        doubt=f"The Redshift version of {fact.changed_at:%Y-%m-%d} cannot be blamed: only"
        f" {counted(fact.unrelated_patterns, 'unrelated pattern')} became slower near it",
    )


def load_evidence(case: CaseFile) -> Evidence:
    fact = case.changes.other_work
    if fact is None:
        return Evidence()
    figures = (
        f"all other patterns take {duration_in_words(fact.seconds_a_day_after)} a day,"
        f" {duration_in_words(fact.seconds_a_day_before)} before"
    )
    if fact.ratio >= case.limit(LOAD_TIMES):
        return Evidence(
            causes=(
                Cause(
                    kind=CauseKind.LOAD,
                    clause=f"the cluster has {times_in_words(fact.ratio)} as much other work"
                    f" ({figures})",
                    short="came with more load",
                    fact_ids=(fact.fact_id,),
                    measures=(
                        Measure(
                            name="other work, times as much",
                            value=fact.ratio,
                            unit="×",
                            threshold=case.limit(LOAD_TIMES),
                        ),
                    ),
                ),
            )
        )
    return Evidence(
        excluded=(
            Excluded(
                what="load",
                sentence=f"Load is not the cause: {figures} (threshold"
                f" {case.limit(LOAD_TIMES):g} times).",
                fact_ids=(fact.fact_id,),
            ),
        )
    )


def waiting_evidence(case: CaseFile) -> Evidence:
    """The slow-down is of the own time, so waiting never is its cause; by how much it grew is said."""
    fact = case.changes.comparison
    if fact is None or fact.comparison.basis is not ComparisonBasis.SLOW_DOWN:
        return Evidence()
    comparison = fact.comparison
    waited = sum(comparison.growth_seconds(bucket) for bucket in WAITING_BUCKETS)
    grown = comparison.growth_seconds(Bucket.EXECUTION)
    if grown <= 0:
        return Evidence()
    told = f"grew by {duration_in_words(waited)} a run" if waited > 0 else "did not grow"
    return Evidence(
        excluded=(
            Excluded(
                what="waiting",
                sentence=f"Waiting is not the cause: queue, locks and compiling together {told},"
                f" execution by {duration_in_words(grown)}.",
                fact_ids=(fact.fact_id,),
            ),
        )
    )


def table_evidence(case: CaseFile) -> Evidence:
    """What happened to the tables, where no plan and no steps tell what it did to the statement."""
    causes = [cause for fact in case.tables if (cause := _table_cause(case, fact.table.full_name))]
    if causes:
        return Evidence(causes=tuple(causes))
    if not case.tables:
        return Evidence(unseen=("the rows of its tables in SVV_TABLE_INFO",))
    undated = [fact.table.full_name for fact in case.tables if fact.table.created_at is None]
    if undated:
        return Evidence(unseen=(f"the create_time of {listed(undated)}",))
    return Evidence(excluded=(_same_design(case),))


def _same_design(case: CaseFile) -> Excluded:
    """By figures of then and now where both were imported, else by what would have left a trace."""
    names = [fact.table.full_name for fact in case.tables]
    imported = case.changes.tables
    were = "was" if len(names) == 1 else "were"
    told = f"{listed(names)} {were} not created anew, altered or optimized in the"
    if len(imported) == len(names):
        first, last = min(f.before_at for f in imported), max(f.after_at for f in imported)
        by = f"SVV_TABLE_INFO of {first:%Y-%m-%d} and {last:%Y-%m-%d}"
    else:
        by = "create_time and the known statements"
    return Excluded(
        what="table design",
        sentence=f"Table design is not the cause: by {by} {told}"
        f" {case.limit(CAUSE_DAYS):g} days before it.",
        fact_ids=tuple(fact.fact_id for fact in (imported or case.tables)[:6]),
    )


def _table_cause(case: CaseFile, name: str) -> Cause | None:
    happened = happenings(case, name)
    told = [one for one in happened if one.kind in _HAPPENED]
    if not told:
        return None
    return Cause(
        kind=CauseKind.TABLE_CHANGED,
        clause=f"{name} {listed([one.clause for one in told])}",
        short=f"{name} changed",
        fact_ids=tuple(dict.fromkeys(each for one in told for each in one.fact_ids)),
        table_name=name,
        happenings=happened,
    )


def statistics_evidence(case: CaseFile) -> Evidence:
    """Statistics work through the plan only: where it is the same they did nothing."""
    plans = case.changes.plans
    if plans and plans.is_same:
        return Evidence(
            excluded=(
                Excluded(
                    what="statistics",
                    sentence="Statistics are not the cause: they work through the plan, and that is"
                    f" the same ({plans.slow_hash}).",
                    fact_ids=(plans.fact_id,),
                ),
            )
        )
    known = [fact for fact in case.tables if fact.table.statistics_off_percent is not None]
    stale = [
        fact
        for fact in case.tables
        if any(
            one.kind is Happening.STALE_STATISTICS for one in happenings(case, fact.table.full_name)
        )
    ]
    if stale or not known:
        return Evidence()
    most = max(fact.table.statistics_off_percent or 0.0 for fact in known)
    return Evidence(
        excluded=(
            Excluded(
                what="statistics",
                sentence=f"Statistics are not the cause: stats_off is at most {most:g} (threshold"
                f" {case.limit(STATISTICS_OFF_PERCENT):g}).",
                fact_ids=tuple(fact.fact_id for fact in _worst_first(case)[:6]),
            ),
        )
    )


def _worst_first(case: CaseFile) -> Sequence[TableFact]:
    known = [fact for fact in case.tables if fact.table.statistics_off_percent is not None]
    return sorted(known, key=lambda fact: -(fact.table.statistics_off_percent or 0.0))
