"""Whether the API can read its store."""

from fastapi import APIRouter
from pydantic import BaseModel

from backend.api.dependencies import OpenWorkbench

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: str
    reviewers: str
    """Who reviews: `rules`, or a model."""
    reviews: int


@router.get("/healthz")
def healthz(workbench: OpenWorkbench) -> Health:
    return Health(
        status="ok", reviewers=workbench.panel.engine, reviews=workbench.store.review_count()
    )
