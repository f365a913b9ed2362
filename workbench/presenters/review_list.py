"""The reviews of one pattern, newest first."""

from collections.abc import Sequence

import pandas as pd

from backend.domain.review import Review
from workbench.presenters.wording import duration, moment_text

TITLES_NAMED = 3


def review_list(reviews: Sequence[Review]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "reviewed": [moment_text(review.analysis_timestamp) for review in reviews],
            "engine": [_engines(review) for review in reviews],
            "runs": [review.workload_metadata.runs for review in reviews],
            "total": [
                duration(review.workload_metadata.total_elapsed_seconds) for review in reviews
            ],
            "p95": [duration(review.workload_metadata.p95_elapsed_seconds) for review in reviews],
            "findings": [len(review.findings) for review in reviews],
            "advice": [len(review.recommendations) for review in reviews],
            "titles": [_titles(review) for review in reviews],
        }
    )


def _engines(review: Review) -> str:
    return ", ".join(sorted({answer.engine for answer in review.agent_responses}))


def _titles(review: Review) -> str:
    titles = [advice.title for advice in review.recommendations]
    return "; ".join(titles[:TITLES_NAMED]) + (" …" if len(titles) > TITLES_NAMED else "")
