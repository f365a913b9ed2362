"""What the tables that a pattern reads are like."""

from backend.checks.check import Check
from backend.checks.tables.missing_statistics import missing_statistics

CHECKS: tuple[Check, ...] = (missing_statistics,)
