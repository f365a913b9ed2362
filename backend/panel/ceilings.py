"""No bucket, no advice: a saving can be no larger than the measured time that it attacks.

A ceiling is one recommendation's own. Several recommendations for the same bucket of a pattern
may overlap, so their ceilings and claims must not be added up.
"""

import math
from collections.abc import Sequence
from datetime import date

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, Severity
from backend.domain.recommendation import Recommendation, ReviewerName, recommendation_id
from backend.domain.review import StruckStatement
from backend.domain.time_buckets import Bucket
from backend.panel.money import dollars_of
from backend.panel.reviewer import Advice

SECONDS_A_DAY = 86_400
ROUNDING_SECONDS = 0.001

# Our own bands: below them advice may be right, but it is not where the cluster's time goes.
HIGH_FROM_SHARE = 0.005
MEDIUM_FROM_SHARE = 0.0005


def bucket_seconds(case: CaseFile, bucket: Bucket) -> float:
    """The bucket's measured seconds over the window; never more than all elapsed time."""
    measured = case.buckets.buckets.seconds(bucket)
    return max(0.0, min(measured, case.statistics.total_elapsed_seconds))


def ceiling_seconds(case: CaseFile, findings: Sequence[Finding], advice: Advice) -> float:
    """The most that the advice could save, by the finding that it answers.

    Advice that names a check is held to that check's findings: about the same subject if there
    is one, and in the same bucket, else nothing supports it and the ceiling is 0.
    """
    answered = [finding for finding in findings if advice.check and finding.check == advice.check]
    same_subject = [finding for finding in answered if finding.subject == advice.subject]
    shares = [
        finding.affected_share
        for finding in same_subject or answered
        if finding.bucket == advice.bucket
    ]
    share = 1.0 if not answered else _share(max(shares, default=0.0))
    return bucket_seconds(case, advice.bucket) * min(share, _share(advice.affected_share))


def weighed(severity: Severity, claimed_saving_seconds: float, case: CaseFile) -> Severity:
    """The severity, no higher than the claim's part of all query time in the window deserves.

    A finding's severity speaks of its statement; a recommendation stands in one list with those
    of all other patterns, where a spill of seconds a month must not come first.
    """
    statistics = case.statistics
    if statistics.share <= 0 or statistics.total_elapsed_seconds <= 0:
        return severity
    part = claimed_saving_seconds * statistics.share / statistics.total_elapsed_seconds
    if part < MEDIUM_FROM_SHARE:
        return Severity.LOW
    if part < HIGH_FROM_SHARE and severity is Severity.HIGH:
        return Severity.MEDIUM
    return severity


def held_to_ceiling(
    advice: Advice, *, case: CaseFile, findings: Sequence[Finding], reviewer: ReviewerName
) -> tuple[Recommendation, StruckStatement | None]:
    """The advice as a recommendation, and what had to be taken off its claim."""
    ceiling = ceiling_seconds(case, findings, advice)
    claim = advice.claimed_saving_seconds
    claimed = min(max(claim, 0.0), ceiling) if math.isfinite(claim) else 0.0
    dollars = dollars_of(case, advice.bucket, claimed)
    recommendation = Recommendation(
        recommendation_id=recommendation_id(
            case.query_hash, reviewer, advice.check, advice.subject
        ),
        query_hash=case.query_hash,
        reviewer=reviewer,
        category=advice.category,
        severity=weighed(advice.severity, claimed, case),
        bucket=advice.bucket,
        title=advice.title,
        rationale=advice.rationale,
        fact_ids=tuple(dict.fromkeys(advice.fact_ids)),
        check=advice.check,
        subject=advice.subject,
        action=advice.action,
        action_sql=advice.action_sql,
        claimed_saving_seconds=claimed,
        ceiling_seconds=ceiling,
        window_days=(case.window_end - case.window_start).total_seconds() / SECONDS_A_DAY,
        claimed_saving_dollars=dollars,
        prices_as_of=_prices_as_of(case) if dollars is not None else None,
    )
    is_honest = math.isfinite(claim) and -ROUNDING_SECONDS <= claim <= ceiling + ROUNDING_SECONDS
    if is_honest or ceiling == 0:
        # Advice without any time to save is the validator's to strike.
        return recommendation, None
    return recommendation, StruckStatement(
        reviewer=reviewer,
        statement=f"{advice.title}: saves {claim:,.1f} s",
        reason=(
            f"At most {ceiling:,.1f} s of measured {advice.bucket.value.replace('_', ' ')} time "
            f"can be saved here; the claim was set to {claimed:,.1f} s."
        ),
        fact_ids=(case.buckets.fact_id,),
    )


def _prices_as_of(case: CaseFile) -> date | None:
    return case.cost.cost.prices_as_of if case.cost and case.cost.cost else None


def _share(share: float) -> float:
    return min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
