"""Raw statement texts: kept only where a setting says so, apart from everything else, and not long.

They are what puts the original values back into a rewritten statement on this machine's screen.
Nothing else reads them: no export, no answer of the API, no log, no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from backend.domain.model_form import LiteralType, ModelForm
from backend.sql.scanner import scan

TEXTS_A_WRITING = 200
OF_NO_USE = frozenset({LiteralType.SECRET, LiteralType.ROWS})
"""A text with a password or key is never kept; of shortened rows no place is certain."""


@dataclass(frozen=True, kw_only=True)
class RawText:
    """The text that stands for a pattern. `seen_at` is when it was imported."""

    query_hash: str
    text: str = field(repr=False)
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class RawTextsKept:
    """How many there are, and when the last of them expires (None without any)."""

    count: int = 0
    last_expires_at: datetime | None = None


class RawTextStore(Protocol):
    """At most one text a pattern, each until a moment; what has expired is never given out."""

    def keep(self, texts: Sequence[RawText]) -> None:
        """In the place of the pattern's text before. The same text again lives no longer by it."""
        ...

    def get(self, query_hash: str, *, now: datetime) -> str | None: ...

    def kept(self, *, now: datetime) -> RawTextsKept: ...

    def forget_expired(self, now: datetime) -> None: ...

    def forget_all(self) -> None: ...


class NoRawTexts:
    """Where nothing is to be kept. Fulfils RawTextStore."""

    def keep(self, texts: Sequence[RawText]) -> None:
        """Keeps none."""

    def get(self, query_hash: str, *, now: datetime) -> str | None:  # noqa: ARG002 - the port's
        return None

    def kept(self, *, now: datetime) -> RawTextsKept:  # noqa: ARG002 - the port's
        return RawTextsKept()

    def forget_expired(self, now: datetime) -> None:
        """There are none."""

    def forget_all(self) -> None:
        """There are none."""


def is_whole(text: str) -> bool:
    """Whether every string in it ends: half a literal is no value."""
    return not any(token.is_cut for token in scan(text))


class RawTextKeeper:
    """What an import hands its texts to, one a pattern; written a few hundred at a time."""

    def __init__(self, store: RawTextStore, *, now: datetime, days: int) -> None:
        self._store = store
        self._now = now
        self._expires_at = now + timedelta(days=days)
        self._waiting: list[RawText] = []
        store.forget_expired(now)

    def consider(self, query_hash: str, text: str, form: ModelForm | None) -> None:
        """Keeps what can be put back: there is something to put back, each place is certain, and
        none of it is a secret."""
        if form is None or not form.placeholders or not is_whole(text):
            return
        if any(placeholder.type in OF_NO_USE for placeholder in form.placeholders):
            return
        self._waiting.append(
            RawText(
                query_hash=query_hash, text=text, seen_at=self._now, expires_at=self._expires_at
            )
        )
        if len(self._waiting) >= TEXTS_A_WRITING:
            self.flush()

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._store.keep(waiting)
