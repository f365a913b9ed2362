"""How a pattern's execution time stands on the segments of its recorded run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.domain.case_file import CaseFile, StepFact
from backend.domain.time_buckets import Bucket

SegmentKey = tuple[int, int]
"""Child query and segment: segment ids begin anew in each child query."""


@dataclass(frozen=True, kw_only=True)
class SegmentTime:
    """`execution_seconds` are the pattern's over the window, `seconds_of` those of one run."""

    execution_seconds: float
    seconds_of: Mapping[SegmentKey, float]
    runs: int

    @property
    def run_seconds(self) -> float:
        return sum(self.seconds_of.values())

    @property
    def is_recorded(self) -> bool:
        return self.run_seconds > 0

    @property
    def like_runs(self) -> float:
        """So many runs like the recorded one take the execution time of the window."""
        if not self.is_recorded:
            return float(self.runs)
        return self.execution_seconds / self.run_seconds

    def of(self, keys: Iterable[SegmentKey]) -> float:
        """Seconds over the window that stand on these segments, each counted once."""
        if not self.is_recorded:
            return 0.0
        own = sum(self.seconds_of.get(key, 0.0) for key in set(keys))
        return self.execution_seconds * own / self.run_seconds

    def of_steps(self, steps: Iterable[StepFact]) -> float:
        return self.of(segment_of(step) for step in steps)


def segment_of(fact: StepFact) -> SegmentKey:
    return fact.step.child_query_sequence, fact.step.segment_id


def segment_time(case: CaseFile) -> SegmentTime:
    return SegmentTime(
        execution_seconds=_execution_seconds(case),
        seconds_of=_seconds_of_segments(case),
        runs=case.statistics.runs,
    )


def _execution_seconds(case: CaseFile) -> float:
    """Of all timed runs; where no bucket was measured all their time counts as execution."""
    buckets = case.buckets.buckets
    total = case.statistics.total_elapsed_seconds
    if buckets.accounted_seconds <= 0:
        return total
    return max(0.0, min(buckets.seconds(Bucket.EXECUTION), total))


def _seconds_of_segments(case: CaseFile) -> dict[SegmentKey, float]:
    if case.segments:
        return {
            (each.child_query_sequence, each.segment_id): each.duration_seconds
            for each in (fact.segment for fact in case.segments)
        }
    return {segment_of(fact): fact.step.segment_seconds for fact in case.steps}
