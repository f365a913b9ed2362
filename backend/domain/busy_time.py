"""A part of the time in which the cluster was at work, over a range of days."""

from dataclasses import dataclass

SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True, kw_only=True)
class BusyTime:
    """One pattern's part. `minimum_seconds` is what waking a Serverless workgroup costs beyond the
    time at work, up to the 60-second minimum; on a provisioned cluster it means nothing."""

    busy_seconds: float = 0.0
    minimum_seconds: float = 0.0

    def scaled(self, share: float) -> "BusyTime":
        return BusyTime(
            busy_seconds=self.busy_seconds * share, minimum_seconds=self.minimum_seconds * share
        )


@dataclass(frozen=True, kw_only=True)
class PatternBusyTime:
    query_hash: str
    busy: BusyTime


@dataclass(frozen=True, kw_only=True)
class ClusterTime:
    """All patterns together, over `days` whole days; `patterns` of them worked. `idle_seconds` is
    the rest of the time."""

    days: int
    patterns: int
    busy_seconds: float
    idle_seconds: float
    minimum_seconds: float

    @property
    def covered_seconds(self) -> float:
        return self.busy_seconds + self.idle_seconds

    @property
    def idle_share(self) -> float:
        """0..1; 0 where nothing is known."""
        return self.idle_seconds / self.covered_seconds if self.covered_seconds > 0 else 0.0
