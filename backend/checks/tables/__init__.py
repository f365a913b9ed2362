"""What the tables that a pattern reads are like, where that costs this pattern time."""

from backend.checks.check import Check
from backend.checks.tables.all_too_large import all_too_large
from backend.checks.tables.date_distribution_key import date_distribution_key
from backend.checks.tables.encoded_sort_key import encoded_sort_key
from backend.checks.tables.interleaved_sort_key import interleaved_sort_key
from backend.checks.tables.low_encoding import low_encoding
from backend.checks.tables.missing_statistics import missing_statistics
from backend.checks.tables.pending_advisor import pending_advisor
from backend.checks.tables.small_not_all import small_not_all
from backend.checks.tables.stale_vacuum import stale_vacuum
from backend.checks.tables.wide_varchar import wide_varchar

CHECKS: tuple[Check, ...] = (
    missing_statistics,
    stale_vacuum,
    interleaved_sort_key,
    encoded_sort_key,
    low_encoding,
    wide_varchar,
    date_distribution_key,
    all_too_large,
    small_not_all,
    pending_advisor,
)
