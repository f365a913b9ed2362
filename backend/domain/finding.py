"""What a check saw, with the facts that prove it."""

from dataclasses import dataclass
from enum import StrEnum

from backend.domain.time_buckets import Bucket


class Severity(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def order(self) -> int:
        """0 for the most severe."""
        return list(Severity).index(self)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measured value beside the threshold that it passed."""

    name: str
    value: float
    unit: str = ""
    threshold: float | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`affected_share` (0..1) is the part of the bucket's time that this cause touches: the most
    that curing it could save. `subject` names the table, plan node or column meant."""

    check: str
    severity: Severity
    bucket: Bucket
    title: str
    evidence: str
    fact_ids: tuple[str, ...]
    subject: str = ""
    measures: tuple[Measure, ...] = ()
    affected_share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class GoodNews:
    """Something that is as it should be, with the numbers: not to be lost by the next change.

    `spared_seconds` is what it spares this pattern over the case file's window, as far as that can
    be reckoned; 0 where it cannot.
    """

    check: str
    sentence: str
    fact_ids: tuple[str, ...]
    subject: str = ""
    spared_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RuledOut:
    """A cause that was looked at and excluded, with the numbers.

    `subject` is that of the finding that there is not; empty where the line is about the whole
    pattern, or about a remedy that would not help."""

    check: str
    sentence: str
    fact_ids: tuple[str, ...] = ()
    subject: str = ""
