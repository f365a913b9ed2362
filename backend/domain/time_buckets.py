"""Where the elapsed time of a run went."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum


class Bucket(StrEnum):
    """The five parts that SYS_QUERY_HISTORY measures; they need not sum to the elapsed time."""

    QUEUE = "queue"
    PLANNING = "planning"
    COMPILE = "compile"
    LOCK_WAIT = "lock_wait"
    EXECUTION = "execution"


WAITING = frozenset({Bucket.QUEUE, Bucket.LOCK_WAIT})
"""Time in which a run keeps no node busy, and so costs nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeBuckets:
    """Seconds a bucket, summed over the runs that are meant."""

    queue_seconds: float = 0.0
    planning_seconds: float = 0.0
    compile_seconds: float = 0.0
    lock_wait_seconds: float = 0.0
    execution_seconds: float = 0.0

    def seconds(self, bucket: Bucket) -> float:
        return self.as_mapping()[bucket]

    def as_mapping(self) -> Mapping[Bucket, float]:
        return {
            Bucket.QUEUE: self.queue_seconds,
            Bucket.PLANNING: self.planning_seconds,
            Bucket.COMPILE: self.compile_seconds,
            Bucket.LOCK_WAIT: self.lock_wait_seconds,
            Bucket.EXECUTION: self.execution_seconds,
        }

    @property
    def accounted_seconds(self) -> float:
        return sum(self.as_mapping().values())

    def share(self, bucket: Bucket) -> float:
        """0..1 of the time that the buckets account for; 0 when none was measured."""
        accounted = self.accounted_seconds
        return self.seconds(bucket) / accounted if accounted > 0 else 0.0

    @property
    def dominant(self) -> Bucket | None:
        """The largest bucket; None when nothing was measured."""
        if self.accounted_seconds <= 0:
            return None
        return max(Bucket, key=self.seconds)

    def plus(self, other: "TimeBuckets") -> "TimeBuckets":
        return TimeBuckets(
            **{
                field.name: getattr(self, field.name) + getattr(other, field.name)
                for field in fields(self)
            }
        )
