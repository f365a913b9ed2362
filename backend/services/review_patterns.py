"""Review many patterns one after the other; one that cannot be reviewed does not stop the rest."""

from collections.abc import Callable
from dataclasses import dataclass

from backend.domain.errors import WorkbenchError
from backend.domain.review import Review

ReviewOne = Callable[[str], Review]


@dataclass(frozen=True, kw_only=True)
class ReviewedPattern:
    """`problem` says in a sentence why there is no review."""

    query_hash: str
    review: Review | None = None
    problem: str | None = None


def review_safely(query_hash: str, review_one: ReviewOne) -> ReviewedPattern:
    try:
        return ReviewedPattern(query_hash=query_hash, review=review_one(query_hash))
    except WorkbenchError as error:
        return ReviewedPattern(query_hash=query_hash, problem=error.message)
    except Exception as error:  # noqa: BLE001 - one pattern must not sink the others
        # An unexpected error's own text may hold text of a query.
        return ReviewedPattern(query_hash=query_hash, problem=type(error).__name__)
