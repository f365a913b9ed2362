"""What the cluster's time costs. Without prices there is time only, never a price of nothing."""

from dataclasses import dataclass
from datetime import date

from backend.domain.busy_time import BusyTime, ClusterTime

SECONDS_AN_HOUR = 3_600.0
BYTES_A_TB = 1e12


@dataclass(frozen=True, kw_only=True)
class Prices:
    """As configured, in US dollars, and the day they were looked up.

    A provisioned cluster has `nodes` and `node_hour`; Serverless has `rpu_hour` and `base_rpu`.
    `spectrum_tb` is a terabyte scanned by Redshift Spectrum from a provisioned cluster, and
    `concurrency_scaling_hour` an hour of a whole scaling cluster beyond the free ones.
    """

    as_of: date
    nodes: int = 0
    node_hour: float = 0.0
    rpu_hour: float = 0.0
    base_rpu: int = 0
    spectrum_tb: float | None = None
    concurrency_scaling_hour: float | None = None

    @property
    def is_serverless(self) -> bool:
        return self.rpu_hour > 0

    @property
    def second(self) -> float:
        """Of the whole cluster, or of the base capacity at work."""
        hourly = (
            self.base_rpu * self.rpu_hour if self.is_serverless else self.nodes * self.node_hour
        )
        return hourly / SECONDS_AN_HOUR

    def of_pattern(self, busy: BusyTime) -> float:
        minimum = busy.minimum_seconds if self.is_serverless else 0.0
        return (busy.busy_seconds + minimum) * self.second

    def of_idle(self, cluster: ClusterTime) -> float:
        """Nobody pays for a Serverless workgroup that is not at work."""
        return 0.0 if self.is_serverless else cluster.idle_seconds * self.second

    def of_lake(self, scanned_bytes: float) -> float | None:
        """What Spectrum charges for them; None where that is not known, and on Serverless, which
        has no separate charge. The least charge of each query (10 MB) is left out."""
        if self.is_serverless or self.spectrum_tb is None:
            return None
        return scanned_bytes / BYTES_A_TB * self.spectrum_tb

    def of_all(self, cluster: ClusterTime) -> float:
        """What the parts and the idle time add up to."""
        everything = BusyTime(
            busy_seconds=cluster.busy_seconds, minimum_seconds=cluster.minimum_seconds
        )
        return self.of_pattern(everything) + self.of_idle(cluster)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Dollars over a window, by prices of that day."""

    dollars: float
    prices_as_of: date
