"""Reviews, newest first: `query-optimization-history`."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator

from backend.api.dependencies import Store
from backend.domain.page import Page
from backend.domain.review import Review
from backend.services.records import ReviewRecord, review_record

router = APIRouter(prefix="/history", tags=["history"])

LARGEST_PAGE = 200


class HistoryPage(BaseModel):
    """`next_cursor` gives the page behind this one; null on the last."""

    reviews: list[ReviewRecord]
    next_cursor: str | None


def _with_zone(value: object) -> object:
    """A `+` in an address arrives as a blank, and a time of day without a zone means UTC."""
    return value.replace(" ", "+") if isinstance(value, str) and "T" in value else value


Moment = Annotated[datetime, BeforeValidator(_with_zone)]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Reviews a page.")]
Cursor = Annotated[str | None, Query(max_length=1_000, description="`next_cursor` of a page.")]
From = Annotated[Moment | None, Query(alias="from", description="First moment that counts.")]
To = Annotated[Moment | None, Query(alias="to", description="First moment that does not count.")]


@router.get("")
def history(
    store: Store,
    limit: Limit = 50,
    cursor: Cursor = None,
    start: From = None,
    end: To = None,
) -> HistoryPage:
    return _page(store.reviews_between(_utc(start), _utc(end), limit=limit, cursor=cursor))


@router.get("/{query_hash}")
def history_of_pattern(
    query_hash: str, store: Store, limit: Limit = 50, cursor: Cursor = None
) -> HistoryPage:
    """404 for a pattern that is not known; an empty page for one not reviewed yet."""
    store.pattern(query_hash)
    return _page(store.reviews_of(query_hash, limit=limit, cursor=cursor))


def _page(page: Page[Review]) -> HistoryPage:
    return HistoryPage(
        reviews=[review_record(review) for review in page.items], next_cursor=page.next_cursor
    )


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=UTC)
