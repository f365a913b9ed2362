"""A part of the time in which the cluster was at work, over a range of days."""

from dataclasses import dataclass

SECONDS_A_DAY = 86_400.0

FREE_SCALING_SECONDS_A_DAY = 3_600.0
"""Of concurrency scaling, which a cluster earns each day ("Concurrency scaling" in the Redshift
developer guide; the pricing page)."""


@dataclass(frozen=True, kw_only=True)
class BusyTime:
    """One pattern's part. `minimum_seconds` is what waking a Serverless workgroup costs beyond the
    time at work, up to the 60-second minimum; on a provisioned cluster it means nothing.
    `scaled_seconds` is its part of the time in which anything ran on concurrency-scaling clusters,
    beside the main one and not in `busy_seconds`."""

    busy_seconds: float = 0.0
    minimum_seconds: float = 0.0
    scaled_seconds: float = 0.0

    def part(self, share: float) -> "BusyTime":
        return BusyTime(
            busy_seconds=self.busy_seconds * share,
            minimum_seconds=self.minimum_seconds * share,
            scaled_seconds=self.scaled_seconds * share,
        )


@dataclass(frozen=True, kw_only=True)
class PatternBusyTime:
    query_hash: str
    busy: BusyTime


@dataclass(frozen=True, kw_only=True)
class ClusterTime:
    """All patterns together, over `days` whole days; `patterns` of them worked. `idle_seconds` is
    the rest of the time.

    What is charged in another way than by the time at work stands beside it:

    - `scaling_charged_seconds` of `scaled_seconds` are beyond the free hour that a cluster earns on
      each of the days ("Concurrency scaling" in the Redshift developer guide; the pricing page). It
      may have up to 30 hours from before, which is not known, so that less may have been charged.
      Several scaling clusters at once count once, so that more may have been.
    - `charged_rpu_seconds` is what SYS_SERVERLESS_USAGE says was charged over these days; None
      unless it was imported for each of them.
    - `lake_bytes` is what Spectrum scanned over these days, as far as the imported exports had
      SYS_EXTERNAL_QUERY_DETAIL.
    """

    days: int
    patterns: int
    busy_seconds: float
    idle_seconds: float
    minimum_seconds: float
    scaled_seconds: float = 0.0
    scaling_charged_seconds: float = 0.0
    charged_rpu_seconds: float | None = None
    lake_bytes: int = 0

    @property
    def covered_seconds(self) -> float:
        return self.busy_seconds + self.idle_seconds

    @property
    def idle_share(self) -> float:
        """0..1; 0 where nothing is known."""
        return self.idle_seconds / self.covered_seconds if self.covered_seconds > 0 else 0.0

    @property
    def all_work(self) -> BusyTime:
        """The parts of all patterns together."""
        return BusyTime(
            busy_seconds=self.busy_seconds,
            minimum_seconds=self.minimum_seconds,
            scaled_seconds=self.scaled_seconds,
        )
