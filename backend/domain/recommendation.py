"""What to do about a pattern, and the life of that advice."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b

from backend.domain.finding import Severity
from backend.domain.rewrite import Rewrite
from backend.domain.time_buckets import Bucket


class ReviewerName(StrEnum):
    OPTIMIZE = "optimize"
    SCHEMA_REVIEW = "schema_review"
    COST_REVIEW = "cost_review"
    VALIDATE = "validate"


class Category(StrEnum):
    REWRITE = "rewrite"
    TABLE_DESIGN = "table_design"
    MAINTENANCE = "maintenance"
    WORKLOAD = "workload"
    INVESTIGATE = "investigate"


class TriageState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    APPLIED = "applied"
    MEASURED = "measured"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"


NEXT_STATES: dict[TriageState, tuple[TriageState, ...]] = {
    TriageState.OPEN: (TriageState.ACCEPTED, TriageState.DISMISSED, TriageState.SNOOZED),
    TriageState.ACCEPTED: (TriageState.APPLIED, TriageState.DISMISSED, TriageState.OPEN),
    TriageState.APPLIED: (TriageState.MEASURED, TriageState.ACCEPTED, TriageState.OPEN),
    TriageState.MEASURED: (TriageState.OPEN,),
    TriageState.DISMISSED: (TriageState.OPEN,),
    TriageState.SNOOZED: (TriageState.OPEN, TriageState.ACCEPTED, TriageState.DISMISSED),
}


class Verdict(StrEnum):
    """What the project itself could establish about a rewrite."""

    PROVEN = "proven"
    NO_COUNTEREXAMPLE = "no_counterexample"
    COUNTEREXAMPLE = "counterexample"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """One piece of advice of one reviewer.

    `claimed_saving_seconds` is elapsed time over the case file's window and never more than
    `ceiling_seconds`, the measured time of the bucket that it attacks. In dollars it is the part
    of what the pattern costs by the prices of that day: on a provisioned cluster time that is
    freed for others, not a smaller bill. None without prices, and for waiting. `rewrite` is the
    statement as the rules write it, where one of them answers the same finding.
    """

    recommendation_id: str
    query_hash: str
    reviewer: ReviewerName
    category: Category
    severity: Severity
    bucket: Bucket
    title: str
    rationale: str
    fact_ids: tuple[str, ...]
    check: str = ""
    subject: str = ""
    action: str = ""
    action_sql: str | None = None
    claimed_saving_seconds: float = 0.0
    ceiling_seconds: float = 0.0
    window_days: float = 0.0
    verdict: Verdict = Verdict.UNKNOWN
    claimed_saving_dollars: float | None = None
    prices_as_of: date | None = None
    rewrite: Rewrite | None = None


def recommendation_id(query_hash: str, reviewer: ReviewerName, check: str, subject: str) -> str:
    """The same advice for the same pattern keeps its id from review to review."""
    key = "\x1f".join((query_hash, reviewer, check, subject))
    return "r" + blake2b(key.encode(), digest_size=10).hexdigest()


@dataclass(frozen=True, kw_only=True)
class TriageEvent:
    at: datetime
    from_state: TriageState
    to_state: TriageState
    who: str
    why: str = ""


class Standing(StrEnum):
    """Whether a recommendation of one pattern stands when all patterns are looked at."""

    AGREES = "agrees"
    LOSES = "loses"


@dataclass(frozen=True, kw_only=True)
class AcrossPatterns:
    """What all patterns together mean for advice that changes a table's design.

    `table_name` is the table's key, database.schema.table; the sentence is for the analyst.
    """

    standing: Standing
    table_name: str
    sentence: str
    analysis_timestamp: datetime


@dataclass(frozen=True, kw_only=True)
class TriagedRecommendation:
    """A recommendation with its life: when it was raised, and what people decided.

    `is_still_raised` is False once a later review of the pattern no longer gave the advice.
    `version` grows with each change and guards against two people deciding at once.
    `across_patterns` is None until the tables are reviewed, and for advice on no table's design.
    """

    recommendation: Recommendation
    state: TriageState
    raised_first: datetime
    raised_last: datetime
    is_still_raised: bool = True
    version: int = 1
    snoozed_until: date | None = None
    events: tuple[TriageEvent, ...] = ()
    across_patterns: AcrossPatterns | None = None


@dataclass(frozen=True, kw_only=True)
class RecommendationFilter:
    """Empty means any. Times bound `raised_last`: from `raised_from` up to before `raised_to`."""

    query_hash: str | None = None
    states: tuple[TriageState, ...] = ()
    severities: tuple[Severity, ...] = ()
    reviewers: tuple[ReviewerName, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    raised_from: datetime | None = None
    raised_to: datetime | None = None
    is_still_raised: bool | None = None
    text: str = ""


class TrendDimension(StrEnum):
    SEVERITY = "severity"
    REVIEWER = "reviewer"
    STATE = "state"


@dataclass(frozen=True, kw_only=True)
class DailyCount:
    """Recommendations first raised on one UTC day, by their severity, reviewer and state now."""

    day: date
    severity: Severity
    reviewer: ReviewerName
    state: TriageState
    count: int
