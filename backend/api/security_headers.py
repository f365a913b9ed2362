"""Headers that keep a browser from doing more with an answer than reading it."""

from fastapi import FastAPI

from backend.http_answers import AnswerHeaders

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


def add_to(app: FastAPI) -> None:
    app.add_middleware(AnswerHeaders, headers=HEADERS)
