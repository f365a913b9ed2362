"""What every answer of our servers has in common, whoever made it: plain ASGI, for both of them."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.unexpected import log_unexpected


class AnswerHeaders:
    """Adds headers to every answer; one that an answer brings itself is kept."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send if scope["type"] == "lifespan" else send_with_headers)


class LastResort:
    """Answers what nobody foresaw: the framework's own way is to log the error's text."""

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
            reference = log_unexpected(error)
            # An answer under way cannot be taken back: the server breaks it off.
            if not has_begun:
                await self.answer(reference)(scope, receive, send)

    def answer(self, reference: str) -> ASGIApp:
        return PlainTextResponse(
            f"Something unexpected went wrong. Reference: {reference}.", status_code=500
        )
