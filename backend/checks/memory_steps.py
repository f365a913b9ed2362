"""Which steps of a segment keep rows in memory, so that a spill is theirs."""

from collections import defaultdict
from collections.abc import Sequence

from backend.checks.check import step_name
from backend.domain.case_file import CaseFile, SegmentFact, StepFact
from backend.domain.in_words import listed, megabytes_in_words

_KEEPERS = {
    "hash": "a hash join",
    "hashjoin": "a hash join",
    "sort": "a sort",
    "sortlimit": "a sort",
    "aggregate": "an aggregate",
    "unique": "the removal of duplicates",
    "window": "a window function",
    "save": "a saved intermediate result",
}
"""The guide names hashes, aggregates and sorts as the likely ones (using SVL_QUERY_SUMMARY)."""


def memory_steps(case: CaseFile, segments: Sequence[SegmentFact]) -> list[StepFact]:
    """In the order given of the segments."""
    return [
        step
        for fact in segments
        for step in case.steps
        if step_name(step) in _KEEPERS and _key(step) == _segment_key(fact)
    ]


def spilled_by(case: CaseFile, spilled: Sequence[SegmentFact]) -> str:
    """`a hash join (38 GB), an aggregate (9 GB)`; within a segment steps are not told apart."""
    of_keepers: dict[str, int] = defaultdict(int)
    for fact in spilled:
        words = [_KEEPERS[step_name(step)] for step in memory_steps(case, [fact])]
        if words:
            megabytes = fact.segment.spilled_local_blocks + fact.segment.spilled_remote_blocks
            of_keepers[listed(list(dict.fromkeys(words)))] += megabytes
    by_size = sorted(of_keepers.items(), key=lambda each: -each[1])
    return ", ".join(f"{words} ({megabytes_in_words(size)})" for words, size in by_size)


def _key(fact: StepFact) -> tuple[int, int]:
    return fact.step.child_query_sequence, fact.step.segment_id


def _segment_key(fact: SegmentFact) -> tuple[int, int]:
    return fact.segment.child_query_sequence, fact.segment.segment_id
