"""All runs of one statement shape, and how much of the cluster's time they take."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.elapsed_digest import ElapsedDigest
from backend.domain.model_form import LiteralMark, ModelForm
from backend.domain.regression import Regression
from backend.domain.time_buckets import TimeBuckets


class FingerprintMethod(StrEnum):
    PARSED = "parsed"
    TOKENS = "tokens"


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """What is known of a statement shape apart from its runs.

    `scrubbed_sql` is None where the text was withheld; `withheld_reason` then says why.
    `model_form` is None for a withheld text too, and for patterns of imports of older versions.
    `literal_marks` are of the literals of some of the pattern's texts.
    """

    query_hash: str
    native_hashes: tuple[str, ...] = ()
    fingerprint_method: FingerprintMethod = FingerprintMethod.PARSED
    query_type: str = "OTHER"
    scrubbed_sql: str | None = None
    withheld_reason: str | None = None
    table_names: tuple[str, ...] = ()
    first_seen: datetime
    last_seen: datetime
    regression: Regression | None = None
    model_form: ModelForm | None = None
    literal_marks: frozenset[LiteralMark] = frozenset()


@dataclass(frozen=True, kw_only=True)
class PatternDay:
    """One pattern's runs of one UTC day (by their start).

    `runs` and every time count runs that ended well and were not answered from the result cache.
    The others are counted beside them, each by its own column of the view: a failed run that has
    the cache flag too counts as failed and as a cache hit.
    """

    query_hash: str
    day: date
    runs: int = 0
    failed_runs: int = 0
    canceled_runs: int = 0
    cache_hits: int = 0
    failed_seconds: float = 0.0
    total_elapsed_seconds: float = 0.0
    max_elapsed_seconds: float = 0.0
    buckets: TimeBuckets = field(default_factory=TimeBuckets)
    returned_rows: int = 0
    digest: ElapsedDigest = field(default_factory=ElapsedDigest)


@dataclass(frozen=True, kw_only=True)
class NameShare:
    """How much of a pattern's work belongs to one user, database or label."""

    name: str
    runs: int
    total_elapsed_seconds: float


@dataclass(frozen=True, kw_only=True)
class PatternFilter:
    """Which runs and patterns count; days are UTC and both ends belong to the range."""

    first_day: date | None = None
    last_day: date | None = None
    databases: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    query_types: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class RankedPattern:
    """A pattern's figures over the runs that a filter lets through.

    `share` is its part (0..1) of the total elapsed time of all patterns that the filter lets
    through. `daily_seconds` has one value a day of the range, oldest first. `busy` is its part of
    the time in which the cluster was at work, None where a day has yet to be shared out; where a
    filter leaves out users or databases, the same part of it as of the elapsed time. `cluster` is
    that of all patterns.
    """

    rank: int
    pattern: Pattern
    runs: int
    failed_runs: int
    canceled_runs: int
    cache_hits: int
    failed_seconds: float
    total_elapsed_seconds: float
    p50_elapsed_seconds: float
    p95_elapsed_seconds: float
    max_elapsed_seconds: float
    has_exact_quantiles: bool
    share: float
    buckets: TimeBuckets
    daily_seconds: tuple[float, ...] = ()
    users: tuple[NameShare, ...] = ()
    databases: tuple[NameShare, ...] = ()
    labels: tuple[NameShare, ...] = ()
    open_recommendations: int = 0
    busy: BusyTime | None = None
    cluster: ClusterTime | None = None


@dataclass(frozen=True, kw_only=True)
class RankedPatterns:
    """One page of the ranking, and what the whole of it adds up to.

    `slower_count` counts those of all `pattern_count` patterns that became slower. `cluster` is
    about all patterns of the range, whatever the filter; None where a day of it has yet to be
    shared out.
    """

    rows: tuple[RankedPattern, ...]
    pattern_count: int
    total_runs: int
    total_elapsed_seconds: float
    first_day: date | None
    last_day: date | None
    days: tuple[date, ...] = ()
    slower_count: int = 0
    cluster: ClusterTime | None = None


@dataclass(frozen=True, kw_only=True)
class SlowedPattern:
    """A pattern that became slower, and the tables of its statement."""

    query_hash: str
    changed_at: datetime
    table_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SlowedPatterns:
    """Those that became slower in some days, and how many patterns ran in them at all."""

    patterns: tuple[SlowedPattern, ...]
    pattern_count: int


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """What a filter can choose from, and the days that hold runs."""

    databases: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    query_types: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
