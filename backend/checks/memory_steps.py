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


def memory_steps(case: CaseFile, segments: Sequence[SegmentFact]) -> dict[str, list[StepFact]]:
    """Of each segment, by its fact id."""
    of_place: dict[tuple[int, int], list[StepFact]] = defaultdict(list)
    for step in case.steps:
        if step_name(step) in _KEEPERS:
            of_place[step.step.child_query_sequence, step.step.segment_id].append(step)
    return {
        fact.fact_id: of_place.get((fact.segment.child_query_sequence, fact.segment.segment_id), [])
        for fact in segments
    }


def spilled_by(case: CaseFile, spilled: Sequence[SegmentFact]) -> str:
    """`a hash join (38 GB), an aggregate (9 GB)`; within a segment steps are not told apart."""
    steps_of = memory_steps(case, spilled)
    of_keepers: dict[str, int] = defaultdict(int)
    for fact in spilled:
        words = [_KEEPERS[step_name(step)] for step in steps_of[fact.fact_id]]
        if words:
            megabytes = fact.segment.spilled_local_blocks + fact.segment.spilled_remote_blocks
            of_keepers[listed(list(dict.fromkeys(words)))] += megabytes
    by_size = sorted(of_keepers.items(), key=lambda each: -each[1])
    return ", ".join(f"{words} ({megabytes_in_words(size)})" for words, size in by_size)
