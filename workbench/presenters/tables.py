"""The list of tables by the time that stands on them, and what is proposed for each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from backend.domain.evidence import Table
from backend.domain.table_design import short_name, sort_columns
from backend.domain.table_proposal import (
    Opinion,
    TableFilterBy,
    TableProposal,
    TablesReview,
    UsedTable,
)
from workbench.presenters.empty import NO_TABLE_MATCH, NO_TABLES, EmptyState
from workbench.presenters.figure import Figure
from workbench.presenters.wording import (
    Formats,
    count,
    dollars,
    duration,
    full_day,
    megabytes,
    moment_text,
    number_of,
    short_count,
)

ROWS_A_PAGE = 25
OPINION_WORDS = {
    Opinion.AGREES: "Agrees",
    Opinion.DISAGREES: "Disagrees",
    Opinion.SILENT: "",
    Opinion.NOT_WEIGHED: "Other matter",
}
KEEP_HEADLINE = "Keep"
NOT_KNOWN = "–"
NOT_EXPORTED = "not in svv_table_info"
NOT_WEIGHED_YET = "not weighed yet"


@dataclass(frozen=True, kw_only=True)
class TablesScreen:
    """`table` keeps numbers, so that it sorts by them; `formats` says how they are written.
    `proposals` are the distinct words of its column, for their colours."""

    empty: EmptyState | None
    table: pd.DataFrame
    figures: tuple[Figure, ...] = ()
    caption: str = ""
    formats: Formats = field(default_factory=dict)
    proposals: tuple[str, ...] = ()
    table_names: tuple[str, ...] = ()
    page_count: int = 1
    alt: str = ""


def tables_screen(
    tables: Sequence[UsedTable],
    total: int,
    wanted: TableFilterBy,
    page_number: int,
    review: TablesReview | None,
) -> TablesScreen:
    """`total` tables pass the filter; `review` is the newest of all tables."""
    if not tables:
        is_narrowed = wanted != TableFilterBy()
        return TablesScreen(
            empty=NO_TABLE_MATCH if is_narrowed else NO_TABLES, table=pd.DataFrame()
        )
    first = (page_number - 1) * ROWS_A_PAGE
    return TablesScreen(
        empty=None,
        figures=_figures(review),
        caption=(
            f"Tables {first + 1}–{first + len(tables)} of {count(total)}, by the time that stands on "
            f"them a week{_weighed(review)}"
        ),
        table=(table := _table(tables)),
        proposals=_proposals(tables),
        formats={name: how for name, how in FORMATS.items() if name in table},
        table_names=tuple(used.table_name for used in tables),
        page_count=-(-total // ROWS_A_PAGE),
        alt=f"Tables by the time that stands on them, {len(tables)} of {total}",
    )


def saving_cell(seconds: float) -> str:
    return duration(seconds) if seconds > 0 else NOT_KNOWN


def dollars_cell(amount: float | None) -> str:
    return NOT_KNOWN if amount is None or pd.isna(amount) or not amount else dollars(amount)


def opinion_words(proposal: TableProposal | None) -> str:
    return OPINION_WORDS[proposal.opinion] if proposal else ""


def _weighed(review: TablesReview | None) -> str:
    if review is None:
        return ""
    old = (
        f"; {number_of(review.old_uses, 'use')} of patterns reviewed long ago left out"
        if review.old_uses
        else ""
    )
    return f" · weighed {moment_text(review.analysis_timestamp)}{old}"


def _figures(review: TablesReview | None) -> tuple[Figure, ...]:
    if review is None:
        return ()
    return (
        Figure(
            label="Tables weighed",
            value=count(review.tables),
            help=f"Over {number_of(review.patterns, 'pattern')} in their newest reviews.",
        ),
        Figure(
            label="Changes proposed",
            value=count(review.changes),
            help="Tables whose design would save enough over all patterns to be changed.",
        ),
        _saving(review),
        Figure(
            label="Advice contradicted",
            value=count(review.contradictions),
            help="Open recommendations of single patterns that lose when all are looked at.",
        ),
        Figure(
            label="Redshift's Advisor",
            value=f"{count(review.agreements)} of"
            f" {count(review.agreements + review.disagreements)} agree",
            help="Tables for which it proposes the same, of those for which it proposes anything.",
        ),
    )


def _saving(review: TablesReview) -> Figure:
    told = "Of all proposed changes together, gains less losses."
    if not review.net_dollars or review.prices_as_of is None:
        return Figure(label="Saves a week", value=duration(review.net_seconds), help=told)
    return Figure(
        label="Saves a week",
        value=f"{duration(review.net_seconds)} · {dollars(review.net_dollars)}",
        help=f"{told} Cluster time by prices of {full_day(review.prices_as_of)}.",
    )


def _proposals(tables: Sequence[UsedTable]) -> tuple[str, ...]:
    words = (used.proposal.headline if used.proposal else NOT_WEIGHED_YET for used in tables)
    return tuple(dict.fromkeys(words))


def is_change(proposal: str) -> bool:
    """By its words in the list."""
    return proposal not in {KEEP_HEADLINE, NOT_WEIGHED_YET}


def _table(tables: Sequence[UsedTable]) -> pd.DataFrame:
    """With a column of dollars where there are prices only."""
    known = [used.table for used in tables]
    proposals = [used.proposal for used in tables]
    amounts = [each.net_dollars if each else None for each in proposals]
    return pd.DataFrame(
        {
            "table": [short_name(used.table_name) for used in tables],
            "time": [used.seconds_a_week for used in tables],
            "patterns": [used.patterns for used in tables],
            "rows": [table.row_count if table else None for table in known],
            "size": [table.size_mb if table else None for table in known],
            "design": [_design(table) if table else NOT_EXPORTED for table in known],
            "proposal": [[each.headline if each else NOT_WEIGHED_YET] for each in proposals],
            "saving": [each.net_seconds if each else 0.0 for each in proposals],
            **({"dollars": amounts} if any(amounts) else {}),
            "advisor": [[words] if (words := opinion_words(each)) else [] for each in proposals],
            "against": [
                sum(rival.standing.value == "loses" for rival in each.rivals) if each else 0
                for each in proposals
            ],
            "database": [used.table_name.partition(".")[0] for used in tables],
        }
    )


def _design(table: Table) -> str:
    """`KEY(order_id), by order_date`: the leading sort column will do in a list."""
    style = table.distribution_style or "style not known"
    columns = sort_columns(table)
    if table.has_interleaved_sort_key:
        return f"{style}, interleaved"
    more = f" +{len(columns) - 1}" if len(columns) > 1 else ""
    return f"{style}, by {columns[0]}{more}" if columns else f"{style}, no sort key"


def _rows(value: float | None) -> str:
    return NOT_KNOWN if value is None or pd.isna(value) else short_count(value)


def _size(value: float | None) -> str:
    return NOT_KNOWN if value is None or pd.isna(value) else megabytes(value)


FORMATS: Formats = {
    "time": duration,
    "rows": _rows,
    "size": _size,
    "saving": saving_cell,
    "dollars": dollars_cell,
}
