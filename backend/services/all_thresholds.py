"""Every threshold that the configuration may change: those of the checks and those of the tables."""

from backend.checks.registry import known_thresholds
from backend.domain.threshold import Threshold
from backend.table_design.model import THRESHOLDS


def all_thresholds() -> dict[str, Threshold]:
    """By the name that the configuration file uses."""
    return known_thresholds() | {each.name: each for each in THRESHOLDS}
