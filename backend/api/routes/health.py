"""Whether the API can read its store, and what it answers."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from backend.api.dependencies import OpenWorkbench

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str
    reviewers: str
    """Who reviews: `rules`, or a model."""
    reviews: int


class Signpost(BaseModel):
    name: str
    paths: list[str]


@router.get("/healthz")
def healthz(workbench: OpenWorkbench) -> Health:
    return Health(
        status="ok", reviewers=workbench.panel.engine, reviews=workbench.store.review_count()
    )


@router.get("/", include_in_schema=False)
def signpost(request: Request) -> Signpost:
    """For whoever opens the API's address in a browser."""
    return Signpost(
        name=request.app.title,
        paths=["/healthz", "/history", "/history/{query_hash}", "/metrics", "/openapi.json"],
    )
