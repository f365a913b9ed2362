"""Which pattern a statement belongs to.

Two texts have the same `query_hash` if they differ only in literals (also in their type, sign or
cast), in the length of IN lists and VALUES, in comments, case, white space, brackets, or in names
that the writer made up (see `canonical`). Parts of identifiers that a tool makes anew each day or
session, such as six digits in a row, do not count either (see `shape`). Ordinals in GROUP BY and
ORDER BY are literals.

Text that the parser does not know is told apart by its tokens.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.domain.pattern import FingerprintMethod
from backend.sql.canonical import canonical
from backend.sql.parse import NotParsedError, parse
from backend.sql.scanner import TokenKind, scan
from backend.sql.shape import CUT, shape_of

# Goes up whenever the same text may get another hash.
FINGERPRINT_VERSION = "f1"

# A driver makes these names anew for each session.
_CURSOR_NAME = re.compile(r"^(declare|prepare) (?:\"[^\"]*\"|[\w$]+)")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fingerprint:
    query_hash: str
    method: FingerprintMethod


class Fingerprinter:
    """Fingerprints with a memory: a text seen before costs a look, a new literal only a scan."""

    def __init__(self, *, cached_texts: int = 50_000) -> None:
        self._by_text: RecentlyUsed[Fingerprint] = RecentlyUsed(cached_texts)
        self._by_shape: RecentlyUsed[Fingerprint] = RecentlyUsed(cached_texts)

    def of(self, text: str) -> Fingerprint:
        """Never raises."""
        text_key = _digest(text)
        known = self._by_text.get(text_key)
        if known is None:
            known = self._of_shape(_shape_or_digest(text))
            self._by_text.put(text_key, known)
        return known

    def _of_shape(self, shape: str) -> Fingerprint:
        key = _digest(shape)
        known = self._by_shape.get(key)
        if known is None:
            known = fingerprint_of_shape(shape)
            self._by_shape.put(key, known)
        return known


def fingerprint_of(text: str) -> Fingerprint:
    """Without a memory. Never raises."""
    return fingerprint_of_shape(_shape_or_digest(text))


def _shape_or_digest(text: str) -> str:
    """A text whose shape cannot be found is a pattern of its own: no run may be lost."""
    try:
        return shape_of(text)
    except Exception:  # noqa: BLE001 - whatever it was, its message may hold the text
        return f"unreadable x{_digest(text).hex()}"


def fingerprint_of_shape(shape: str) -> Fingerprint:
    try:
        return _fingerprint(_canonical_of(shape), FingerprintMethod.PARSED)
    except Exception:  # noqa: BLE001 - not parsed, too deep or an odd tree: no run may be lost
        return _fingerprint(_tokens_of(shape), FingerprintMethod.TOKENS)


def _canonical_of(shape: str) -> str:
    if CUT in shape:
        raise NotParsedError
    if "\n" not in shape:
        return canonical(parse(shape))
    head, query, tail = shape.split("\n")
    head = _CURSOR_NAME.sub(r"\1", head)
    return f"{head} {canonical(parse(query))} {tail}"


def _tokens_of(shape: str) -> str:
    pieces = (
        shape[token.start : token.end] for token in scan(shape) if token.kind != TokenKind.SPACE
    )
    return " ".join(pieces)


def _fingerprint(wording: str, method: FingerprintMethod) -> Fingerprint:
    # The method belongs to the wording: the two kinds never meet in one hash.
    digest = hashlib.blake2b(f"{method} {wording}".encode("utf-8", "surrogatepass"), digest_size=12)
    return Fingerprint(query_hash=f"{FINGERPRINT_VERSION}-{digest.hexdigest()}", method=method)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class RecentlyUsed(Generic[T]):
    """At most `size` entries: two generations, of which the older is dropped when full."""

    def __init__(self, size: int) -> None:
        self._generation_size = max(1, size // 2)
        self._young: dict[bytes, T] = {}
        self._old: dict[bytes, T] = {}

    def get(self, key: bytes) -> T | None:
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: bytes, value: T) -> None:
        if len(self._young) >= self._generation_size:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
