"""Where the data comes from: the sidebar's lines and the banner over sample data."""

import json
from dataclasses import dataclass
from datetime import datetime

from backend.domain.pattern import KnownNames
from workbench.presenters.wording import days_text, moment_text, number_of


@dataclass(frozen=True, kw_only=True)
class Banner:
    badge: str
    sentence: str


SAMPLE_BANNER = Banner(
    badge="Sample data",
    sentence=(
        "An invented retail warehouse, made by this workbench. Import your own with "
        "`workbench import FOLDER`; it replaces the sample."
    ),
)


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """`under_way` says that an import is being done; plain words, for Markdown."""

    name: str
    lines: tuple[str, ...]
    banner: Banner | None
    under_way: Banner | None = None


def data_source(
    origin: str | None,
    last_import: str | None,
    known: KnownNames,
    review_count: int,
    *,
    import_began: str | None = None,
) -> DataSource:
    """`import_began` is the ISO moment at which an import began that has not ended."""
    under_way = _under_way(import_began)
    is_sample = (origin or "").startswith("sample")
    if known.last_day is None:
        return DataSource(
            name="Sample data, loading" if is_sample else "No data yet",
            lines=("Times are UTC.",),
            banner=SAMPLE_BANNER if is_sample else None,
            under_way=under_way,
        )
    lines = [days_text(known.first_day, known.last_day), number_of(review_count, "review")]
    if not is_sample and (imported := _import_time(last_import)):
        lines.append(f"Imported {imported}")
    return DataSource(
        name="Sample data" if is_sample else "Imported history",
        lines=(*lines, "Times are UTC."),
        banner=SAMPLE_BANNER if is_sample else None,
        under_way=under_way,
    )


def _import_time(last_import: str | None) -> str | None:
    """The note is JSON with an ISO moment under `at`; anything else is passed over."""
    try:
        note = json.loads(last_import or "{}")
        return moment_text(datetime.fromisoformat(note["at"]))
    except (ValueError, KeyError, TypeError):
        return None


def _under_way(import_began: str | None) -> Banner | None:
    """A moment that cannot be read still says that an import began."""
    if not import_began:
        return None
    try:
        since = f"began {moment_text(datetime.fromisoformat(import_began))} and "
    except ValueError:
        since = ""
    return Banner(
        badge="Import under way",
        sentence=(
            f"An import {since}has not ended yet: until it has, figures and advice are incomplete. "
            "If nothing imports any more, it broke off: start it again."
        ),
    )
