"""Reviews, newest first: `query-optimization-history`."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator

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


def _in_utc(moment: datetime) -> datetime:
    if not moment.tzinfo:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the moment lies outside the years 1 to 9999 UTC") from error


Moment = Annotated[datetime, BeforeValidator(_with_zone), AfterValidator(_in_utc)]
QueryHash = Annotated[str, Path(max_length=200)]
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
    return _page(store.reviews_between(start, end, limit=limit, cursor=cursor))


@router.get("/{query_hash}")
def history_of_pattern(
    query_hash: QueryHash, store: Store, limit: Limit = 50, cursor: Cursor = None
) -> HistoryPage:
    """404 for a pattern that is not known; an empty page for one not reviewed yet."""
    store.pattern(query_hash)
    return _page(store.reviews_of(query_hash, limit=limit, cursor=cursor))


def _page(page: Page[Review]) -> HistoryPage:
    return HistoryPage(
        reviews=[review_record(review) for review in page.items], next_cursor=page.next_cursor
    )
