"""How the pages are served: the headers of each answer, and settings that must hold."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from backend.http_answers import AnswerHeaders, LastResort
from backend.unexpected import keep_values_out_of_logs

INSISTED_ON = {
    # The table's own download is not safe against formulas.
    "client.disableDataExport": True,
    "client.showErrorDetails": "none",
    # It would print an error's text and the lines of code past every logger.
    "logger.enableRich": False,
    "runner.magicEnabled": False,
    "server.enableAgentApi": False,
}
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def middleware() -> Sequence[Middleware]:
    """From the outside in: the answer to an unexpected error gets the headers, too."""
    return (Middleware(AnswerHeaders, headers=headers()), Middleware(LastResort))


def headers() -> Mapping[str, str]:
    return {
        "Content-Security-Policy": content_security_policy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cache-Control": "no-store",
    }


def content_security_policy() -> str:
    """Nothing comes from elsewhere, and no script but Streamlit's own files runs.

    Measured in Chromium on every page: Streamlit styles its parts in line and has one font of the
    charts' toolbar as a data address; Plotly and Vega need neither `eval` nor a worker.
    """
    scripts = " ".join(("'self'", *_inline_script_hashes()))
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data: blob:",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "frame-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _inline_script_hashes() -> Sequence[str]:
    """Of the scripts that Streamlit's own page holds in line, whatever its version."""
    page = Path(st.__file__).with_name("static") / "index.html"
    scripts = _INLINE_SCRIPT.findall(page.read_text(encoding="utf-8"))
    return [
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts
    ]


def insist() -> None:
    """Also where another configuration or the environment says otherwise."""
    for name, value in INSISTED_ON.items():
        config.set_option(name, value, "workbench")
    keep_values_out_of_logs()
