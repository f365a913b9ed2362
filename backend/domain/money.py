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
    `concurrency_scaling_hour` an hour of a whole scaling cluster beyond the free ones: both are
    charged apart from the node hours. The RPU hours of Serverless have all of it within.

    Every sum of a range comes from here, given the range's ClusterTime: the ranking, the facts and
    the bill say the same of a pattern.
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

    def is_as_charged(self, cluster: ClusterTime) -> bool:
        """Whether the sums share out what was charged, and are not an estimate by base capacity."""
        return self.is_serverless and cluster.charged_rpu_seconds is not None

    def of_pattern(self, busy: BusyTime, cluster: ClusterTime) -> float | None:
        """Its part of the whole sum. None for one that ran on scaling clusters only: that is
        charged apart."""
        seconds = self._charged_for(busy)
        if seconds == 0 and busy.scaled_seconds > 0:
            return None
        return seconds * self._second_of(cluster)

    def of_idle(self, cluster: ClusterTime) -> float:
        """Nobody pays for a Serverless workgroup that is not at work; what it was charged without
        any known run belongs to nobody."""
        if not self.is_serverless:
            return cluster.idle_seconds * self.second
        return 0.0 if self._charged_for(cluster.all_work) > 0 else self._as_charged(cluster)

    def of_all(self, cluster: ClusterTime) -> float:
        """What the parts and the idle time add up to; scaling clusters and Spectrum are apart."""
        work = self._charged_for(cluster.all_work) * self._second_of(cluster)
        return work + self.of_idle(cluster)

    def of_all_scaling(self, cluster: ClusterTime) -> float | None:
        """Of concurrency-scaling clusters, beyond the free hours. None where nothing ran there or
        its price is not known, and on Serverless, which has no separate charge."""
        price = self.concurrency_scaling_hour
        if self.is_serverless or price is None or cluster.scaled_seconds <= 0:
            return None
        return cluster.scaling_charged_seconds / SECONDS_AN_HOUR * price

    def of_scaling(self, busy: BusyTime, cluster: ClusterTime) -> float | None:
        """A pattern's part of that, by its part of the time; None where it has none."""
        charged = self.of_all_scaling(cluster)
        if charged is None or busy.scaled_seconds <= 0:
            return None
        return charged * busy.scaled_seconds / cluster.scaled_seconds

    def of_lake(self, scanned_bytes: float) -> float | None:
        """What Spectrum charges for them; None where that is not known or nothing was scanned, and
        on Serverless, which has no separate charge. The least charge of each query (10 MB) is left
        out."""
        if self.is_serverless or self.spectrum_tb is None or scanned_bytes <= 0:
            return None
        return scanned_bytes / BYTES_A_TB * self.spectrum_tb

    def _charged_for(self, busy: BusyTime) -> float:
        """Seconds. Serverless has no main cluster: what it adds is charged by the RPU as well."""
        if not self.is_serverless:
            return busy.busy_seconds
        return busy.busy_seconds + busy.minimum_seconds + busy.scaled_seconds

    def _second_of(self, cluster: ClusterTime) -> float:
        """Dollars of each second that is charged for."""
        seconds = self._charged_for(cluster.all_work)
        if seconds > 0 and self.is_as_charged(cluster):
            return self._as_charged(cluster) / seconds
        return self.second

    def _as_charged(self, cluster: ClusterTime) -> float:
        return (cluster.charged_rpu_seconds or 0.0) / SECONDS_AN_HOUR * self.rpu_hour


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Dollars over a window, by prices of that day."""

    dollars: float
    prices_as_of: date
