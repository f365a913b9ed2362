"""The HTTP face of the engine: a second reader of the store."""

from fastapi import FastAPI

from backend import wiring
from backend.api import head_requests, problems, security_headers, unexpected
from backend.api.routes import health, history, metrics
from backend.unexpected import keep_values_out_of_logs

DESCRIPTION = "Reviews of slow Amazon Redshift queries, and figures for monitoring."


def create_app(workbench: wiring.Workbench) -> FastAPI:
    app = FastAPI(
        title="Redshift slow-query workbench",
        description=DESCRIPTION,
        version="1",
        # The interactive pages load scripts from elsewhere; /openapi.json stays.
        docs_url=None,
        redoc_url=None,
    )
    app.state.workbench = workbench
    problems.add_to(app)
    # From the inside out: every answer gets the headers, that to an unexpected error, too.
    unexpected.add_to(app)
    head_requests.add_to(app)
    security_headers.add_to(app)
    app.include_router(health.router)
    app.include_router(history.router)
    app.include_router(metrics.router)
    return app


def open_app() -> FastAPI:
    """For uvicorn: the app on the store that the environment names."""
    keep_values_out_of_logs()
    return create_app(wiring.open_workbench())
