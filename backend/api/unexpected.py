"""Errors that nobody foresaw: an answer and a line in the log, neither with the error's own text.

The framework's own handler for them stands outside all others, passes the error on, and the server
then writes its text and the lines of code into the log: a statement of a customer may be in it.
"""

from http import HTTPStatus

from fastapi import FastAPI
from starlette.types import ASGIApp

from backend.api.problems import problem
from backend.http_answers import LastResort


class UnexpectedErrors(LastResort):
    def answer(self, reference: str) -> ASGIApp:
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "Something unexpected went wrong. The API's log says where, "
            f"beside the reference {reference}.",
        )


def add_to(app: FastAPI) -> None:
    app.add_middleware(UnexpectedErrors)
