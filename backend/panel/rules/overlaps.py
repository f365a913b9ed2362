"""Recommendations that can both be followed, but whose savings are the same seconds."""

from collections.abc import Sequence
from dataclasses import replace

from backend.domain.case_file import CaseFile
from backend.domain.evidence import Segment, Step
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Recommendation

MOST_NAMED = 2

Places = frozenset[tuple[int, int]]
"""Recorded segments, by child query and number."""


def with_overlaps_told(
    case: CaseFile, recommendations: Sequence[Recommendation]
) -> list[Recommendation]:
    """In the order given; each one names those with a larger saving that attack its seconds too.

    Within one bucket two recommendations are apart only where the facts that they cite are of
    different segments, or of different operators of the plan.
    """
    by_saving = sorted(
        recommendations, key=lambda each: (-each.claimed_saving_seconds, each.recommendation_id)
    )
    told = {
        each.recommendation_id: _told(case, each, by_saving[:place])
        for place, each in enumerate(by_saving)
    }
    return [told[each.recommendation_id] for each in recommendations]


def _told(
    case: CaseFile, lesser: Recommendation, larger: Sequence[Recommendation]
) -> Recommendation:
    shared = [each for each in larger if _overlap(case, lesser, each)]
    if not shared:
        return lesser
    own = _segments(case, lesser)
    is_whole = own and all(own <= _segments(case, each) for each in shared)
    names = listed([f"“{each.title}”" for each in shared], MOST_NAMED)
    how = "the same seconds as" if is_whole else "in part the same seconds as"
    savings = "the two savings" if len(shared) == 1 else "their savings"
    return replace(
        lesser,
        rationale=paragraph(lesser.rationale, f"It attacks {how} {names}: {savings} do not add up"),
    )


def _overlap(case: CaseFile, one: Recommendation, other: Recommendation) -> bool:
    if one.bucket is not other.bucket:
        return False
    segments = _segments(case, one), _segments(case, other)
    if all(segments):
        return bool(segments[0] & segments[1])
    operators = _operators(case, one), _operators(case, other)
    if all(operators):
        return bool(operators[0] & operators[1])
    return True


def _segments(case: CaseFile, recommendation: Recommendation) -> Places:
    cited = set(recommendation.fact_ids)
    rows: list[Segment | Step] = [each.segment for each in case.segments if each.fact_id in cited]
    rows += [each.step for each in case.steps if each.fact_id in cited]
    return frozenset((row.child_query_sequence, row.segment_id) for row in rows)


def _operators(case: CaseFile, recommendation: Recommendation) -> frozenset[int]:
    cited = set(recommendation.fact_ids)
    return frozenset(fact.node.node_id for fact in case.plan_nodes if fact.fact_id in cited)
