"""Errors as answers: the one place that knows which error has which status (RFC 9457)."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backend.domain.errors import (
    NotFoundError,
    StoreUnavailableError,
    TriageConflictError,
    UnusableInputError,
    WorkbenchError,
)
from backend.unexpected import log_unexpected

# The first that fits counts.
STATUSES: tuple[tuple[type[WorkbenchError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (UnusableInputError, HTTPStatus.BAD_REQUEST),
    (TriageConflictError, HTTPStatus.CONFLICT),
    (StoreUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (WorkbenchError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def add_to(app: FastAPI) -> None:
    app.add_exception_handler(WorkbenchError, _workbench_problem)
    app.add_exception_handler(RequestValidationError, _parameter_problem)
    app.add_exception_handler(HTTPException, _http_problem)


def problem(status: HTTPStatus, detail: str) -> JSONResponse:
    return JSONResponse(
        {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail},
        status_code=status,
        media_type="application/problem+json",
    )


def _workbench_problem(_request: Request, error: Exception) -> JSONResponse:
    """Of what went wrong on our side only the kind is told: its own text may name paths."""
    status = next(status for kind, status in STATUSES if isinstance(error, kind))
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return problem(status, str(error))
    reference = log_unexpected(error)
    sentence = (type(error).__doc__ or WorkbenchError.__doc__ or "").strip()
    return problem(status, f"{sentence} Reference in the API's log: {reference}.")


def _parameter_problem(_request: Request, error: Exception) -> JSONResponse:
    """Names the parameter; what was sent is not repeated."""
    wrong = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    name = wrong.get("loc", ("", "request"))[-1]
    return problem(HTTPStatus.BAD_REQUEST, f"{name}: {wrong.get('msg', 'cannot be used')}")


def _http_problem(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    answer = problem(HTTPStatus(status), detail)
    # Such as `Allow`, with which 405 says what is allowed.
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer
