"""The case file with what the checks made of it, as the lines that all reviewers are given."""

from collections.abc import Iterator, Sequence

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.recommendation import Recommendation
from backend.domain.time_buckets import Bucket
from backend.panel.ceilings import SECONDS_A_DAY
from backend.panel.outbound.document import Line, Outside, OutsideKind, Tree
from backend.panel.outbound.fact_lines import fact_lines
from backend.panel.outbound.statement_lines import statement_lines


def case_lines(
    case: CaseFile, findings: Sequence[Finding], ruled_out: Sequence[RuledOut]
) -> Iterator[Line]:
    """The same case gives the same lines, so that a model's cache can keep them."""
    yield Line(group="case", tree=_head(case))
    yield from statement_lines(case)
    yield from (_finding(finding) for finding in findings)
    yield from (_ruled_out(cause) for cause in ruled_out)
    yield from fact_lines(case)
    for gap in case.missing:
        yield Line(
            group="missing",
            tree={"missing": _sentence(gap.what), "why": _sentence(gap.why)},
            rank=3,
        )


def recommendation_lines(
    recommendations: Sequence[Recommendation], good_news: Sequence[GoodNews]
) -> Iterator[Line]:
    """What the other reviewers recommend: a model's words too, so from outside.

    They are called R1, R2 … in this order.
    """
    for number, each in enumerate(recommendations, start=1):
        tree: dict[str, Tree] = {
            "recommendation": f"R{number}",
            "reviewer": each.reviewer.value,
            "check": each.check,
            "subject": _sentence(each.subject),
            "category": each.category.value,
            "severity": each.severity.value,
            "bucket": each.bucket.value,
            "title": _sentence(each.title),
            "rationale": _sentence(each.rationale),
            "action": _sentence(each.action),
            "claimed_saving_seconds": each.claimed_saving_seconds,
            "ceiling_seconds": each.ceiling_seconds,
            "facts": list(each.fact_ids),
        }
        if each.action_sql:
            tree["action_sql"] = Outside(each.action_sql, OutsideKind.SQL)
        yield Line(group="recommendation", tree=tree)
    for news in good_news:
        yield Line(
            group="good_news",
            tree={
                "good_news": news.check,
                "subject": _sentence(news.subject),
                "sentence": _sentence(news.sentence),
                "facts": list(news.fact_ids),
            },
            rank=1,
        )


def _head(case: CaseFile) -> dict[str, Tree]:
    days = (case.window_end - case.window_start).total_seconds() / SECONDS_A_DAY
    dominant = case.buckets.buckets.dominant
    return {
        "case_file": "one pattern of statements",
        "query_type": _sentence(case.query_type),
        "window_days": days,
        "dominant_bucket": dominant.value if dominant else None,
        "bucket_shares": {
            bucket.value: round(case.buckets.buckets.share(bucket), 4) for bucket in Bucket
        },
    }


def _finding(finding: Finding) -> Line:
    measures: list[Tree] = [
        {
            "measure": measure.name,
            "value": measure.value,
            "unit": measure.unit,
            "threshold": measure.threshold,
        }
        for measure in finding.measures
    ]
    return Line(
        group="finding",
        tree={
            "finding": finding.check,
            "subject": _sentence(finding.subject),
            "severity": finding.severity.value,
            "bucket": finding.bucket.value,
            "affected_share": finding.affected_share,
            "title": _sentence(finding.title),
            "evidence": _sentence(finding.evidence),
            "measures": measures,
            "facts": list(finding.fact_ids),
        },
    )


def _ruled_out(cause: RuledOut) -> Line:
    return Line(
        group="ruled_out",
        tree={
            "ruled_out": cause.check,
            "subject": _sentence(cause.subject),
            "sentence": _sentence(cause.sentence),
            "facts": list(cause.fact_ids),
        },
        rank=1,
    )


def _sentence(text: str) -> Outside:
    return Outside(text, OutsideKind.SENTENCE)
