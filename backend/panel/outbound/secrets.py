"""What looks like a key or token, beyond what counts as personal data."""

import re

_SECRET = re.compile(
    r"-----BEGIN [A-Z ]{0,30}KEY-----"
    r"|\b(?:ghp|gho|ghs|github_pat|glpat|xox[abpr]|sk|pk|rk|whsec)[-_][A-Za-z0-9_-]{16,}+"
    r"|(?<!\w)(?:password|passwd|pwd|secret|token|api_?key)\s*+[=:]\s*+(?!\?|[\"']\?)"
    r"[^\s\"',;)]{3,}+",
    re.IGNORECASE,
)


def has_secret(text: str) -> bool:
    return _SECRET.search(text) is not None


def mask_secrets(text: str) -> str:
    return _SECRET.sub("?", text)
