"""From which measured value on something counts as a cause of a slow-down."""

from backend.domain.threshold import OWN, Threshold

SLOWED_TIMES = Threshold(
    name="slowed_times",
    default=1.5,
    unit="×",
    meaning="a lasting slow-down of fewer times is ruled out; none below 1.5 is recorded",
    source=OWN,
)
GROWTH_TIMES = Threshold(
    name="growth_times",
    default=1.5,
    unit="×",
    meaning="rows, blocks or spill that grew by fewer times do not explain a slow-down",
    source=OWN,
)
CAUSE_DAYS = Threshold(
    name="cause_days_before",
    default=3.0,
    unit="days",
    meaning="what happened to a table longer before a slow-down is not held against it",
    source=f"{OWN}: a weekend, and a statement that does not run each day",
)
VERSION_DAYS = Threshold(
    name="version_days",
    default=2.0,
    unit="days",
    meaning="patterns that became slower so soon after a new Redshift version moved with it",
    source="AWS: redshift-guide names the version only where many queries flip together",
)
VERSION_PATTERNS = Threshold(
    name="version_patterns",
    default=5,
    unit="patterns",
    meaning="so many, no two with a table in common, must move with a version to blame it",
    source=f"{OWN}; AWS: redshift-guide says many unrelated queries, without a number",
)
VERSION_SHARE = Threshold(
    name="version_patterns_share",
    default=0.05,
    unit="share",
    meaning="so large a part of all patterns must move with a version to blame it",
    source=f"{OWN}: of thousands of patterns a few become slower on any day",
)
LOAD_TIMES = Threshold(
    name="load_times",
    default=1.5,
    unit="×",
    meaning="other patterns that take so many times as much time as before are load",
    source=OWN,
)
DATING_HOURS = 24
"""A slow-down is dated by runs, so what is found a little after it may still have come before."""
