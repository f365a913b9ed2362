"""Errors that nobody foresaw: an answer and a line in the log, neither with the error's own text.

The framework's own handler for them stands outside all others, passes the error on, and the server
then writes its text and the lines of code into the log: a statement of a customer may be in it.
"""

import logging
from http import HTTPStatus
from traceback import walk_tb

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problems import problem

logger = logging.getLogger(__name__)


class UnexpectedErrors:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        except Exception as error:  # noqa: BLE001 - the last one to see it
            logger.error("unexpected %s in %s", type(error).__name__, place_of(error))  # noqa: TRY400
            # An answer under way cannot be taken back: the server breaks it off.
            if not has_begun:
                answer = problem(
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    "Something unexpected went wrong. The API's log says where.",
                )
                await answer(scope, receive, send)


def place_of(error: BaseException) -> str:
    """The innermost line of our own code, as `module:line`."""
    place = "?"
    for frame, line in walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module.startswith("backend."):
            place = f"{module}:{line}"
    return place


def add_to(app: FastAPI) -> None:
    app.add_middleware(UnexpectedErrors)
