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
    name: str
    lines: tuple[str, ...]
    banner: Banner | None


def data_source(
    origin: str | None, last_import: str | None, known: KnownNames, review_count: int
) -> DataSource:
    is_sample = (origin or "").startswith("sample")
    if known.last_day is None:
        return DataSource(
            name="Sample data, loading" if is_sample else "No data yet",
            lines=("Times are UTC.",),
            banner=SAMPLE_BANNER if is_sample else None,
        )
    lines = [days_text(known.first_day, known.last_day), number_of(review_count, "review")]
    if not is_sample and (imported := _import_time(last_import)):
        lines.append(f"Imported {imported}")
    return DataSource(
        name="Sample data" if is_sample else "Imported history",
        lines=(*lines, "Times are UTC."),
        banner=SAMPLE_BANNER if is_sample else None,
    )


def _import_time(last_import: str | None) -> str | None:
    """The note is JSON with an ISO moment under `at`; anything else is passed over."""
    try:
        note = json.loads(last_import or "{}")
        return moment_text(datetime.fromisoformat(note["at"]))
    except (ValueError, KeyError, TypeError):
        return None
