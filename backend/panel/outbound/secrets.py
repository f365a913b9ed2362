"""What looks like a key or token, beyond what counts as personal data."""

import re

_SECRET = re.compile(
    r"-----BEGIN [A-Z ]{0,30}KEY-----"
    r"|\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{12,}+"
    # The secret half of an AWS key, and what is long and random like it.
    r"|(?<![\w/+=])[A-Za-z0-9/+]{40}(?![\w/+=])"
    r"|\b(?:ghp|gho|ghs|github_pat|glpat|xox[abpr]|sk|pk|rk|whsec)[-_][A-Za-z0-9_-]{16,}+"
    r"|\barn:aws[\w-]*+:[\w:/.*-]++"
    r"|(?<![\w])(?:password|passwd|pwd|secret|token|api_?key)\s*+[=:]\s*+(?!\?|[\"']?\?)[^\s\"',;)]{3,}+",
    re.IGNORECASE,
)
_CASED = re.compile(r"[A-Za-z0-9/+]{40}")


def has_secret(text: str) -> bool:
    return any(True for _ in _found(text))


def mask_secrets(text: str) -> str:
    pieces = []
    start = 0
    for match in _found(text):
        pieces += [text[start : match.start()], "?"]
        start = match.end()
    return "".join((*pieces, text[start:]))


def _found(text: str) -> "list[re.Match[str]]":
    return [match for match in _SECRET.finditer(text) if _is_secret(match.group())]


def _is_secret(found: str) -> bool:
    """The case tells a random text from a long path or name, which has one case."""
    if not _CASED.fullmatch(found):
        return True
    return found != found.lower() and found != found.upper()
