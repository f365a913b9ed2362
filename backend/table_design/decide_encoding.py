"""The decision about a table's encodings: AUTO where too few columns have one."""

from collections.abc import Iterator

from backend.domain.evidence import Column, Table
from backend.domain.in_words import listed, number_in_words, paragraph, percent
from backend.domain.table_proposal import Aspect, Balance, Decision
from backend.domain.threshold import ENCODED_SHARE, LARGE_TABLE_ROWS
from backend.sql.action_sql import encode_automatically
from backend.table_design.balance import balance_of, effect_of_use
from backend.table_design.candidates import set_by_view
from backend.table_design.decide_distribution import sums_in_words
from backend.table_design.model import ENCODING_FRACTION, SCAN_FRACTION
from backend.table_design.table_effects import UseEffect
from backend.table_design.workload import Workload


def decide_encoding(key: str, least_seconds: float, workload: Workload) -> Decision:
    """`least_seconds` a week are what a change of the table has to save."""
    table = workload.tables[key]
    share, automatic = encoded_share(table), is_encoded_by_redshift(table)
    effects = map(effect_of_use, encoding_effects(key, workload))
    balance = balance_of(effects, workload.uses_of.get(key, ()))
    objection = set_by_view(table) or _objection(table, share, workload) or (
        "What its raw columns cost is not worth a change" if balance.net_seconds < least_seconds
        else ""
    )  # fmt: skip
    told = "AUTO" if automatic else table.encoded or "not known"
    return Decision(
        aspect=Aspect.ENCODING,
        present=told if share is None else f"{told}, {_encoded_in_words(share)}",
        proposed=told if objection else "AUTO",
        is_change=not objection,
        reason=paragraph(objection)
        if objection
        else paragraph(sums_in_words(balance), _raw_in_words(table, workload)),
        action_sql=None if objection else encode_automatically(table),
        balance=Balance() if objection else balance,
        is_left_to_redshift=automatic,
    )


def _objection(table: Table, share: float | None, workload: Workload) -> str:
    large, enough = workload.limit(LARGE_TABLE_ROWS), workload.limit(ENCODED_SHARE)
    if is_encoded_by_redshift(table):
        return "Redshift chooses its encodings"
    if share is None:
        return "How its columns are encoded is not known"
    if share >= enough:
        return f"Enough of its columns are encoded (threshold {percent(enough)})"
    if (table.row_count or 0) <= large:
        return f"It is not large (threshold {number_in_words(large)} rows)"
    if table.has_interleaved_sort_key:  # Redshift guide, r_ALTER_TABLE
        return "The encodings of a table with an interleaved sort key cannot be altered"
    return ""


def encoding_effects(key: str, workload: Workload) -> Iterator[UseEffect]:
    """Of compressing what is raw: all columns are taken to be read alike, and as wide."""
    table = workload.tables[key]
    fraction = ENCODING_FRACTION * SCAN_FRACTION * (1 - (encoded_share(table) or 1.0))
    for use in workload.uses_of.get(key, ()):
        if fraction and use.scan and use.scan.seconds > 0:
            seconds = use.scan.seconds / use.weeks * fraction
            reason = "its scans read fewer blocks of compressed columns"
            yield UseEffect(use, seconds, reason, is_measured=False)


def encoded_share(table: Table) -> float | None:
    """0..1 of the columns that are not needlessly raw; None where no encoding is known."""
    if not any(column.encoding for column in table.columns):
        return None
    return 1 - len(_raw(table)) / len(table.columns)


def is_encoded_by_redshift(table: Table) -> bool:
    """SVV_TABLE_INFO.encoded then reads `Y, AUTO(ENCODE)`."""
    return "AUTO(ENCODE" in (table.encoded or "").upper()


def _raw(table: Table) -> list[Column]:
    return [column for column in table.columns if column.is_needlessly_raw]


def _raw_in_words(table: Table, workload: Workload) -> str:
    raw = [column.name for column in _raw(table)]
    named = f"{listed(raw, 3)} {'is' if len(raw) == 1 else 'are'} not compressed"
    share = _encoded_in_words(encoded_share(table) or 0.0)
    return f"{named}: {share} (threshold {percent(workload.limit(ENCODED_SHARE))})"


def _encoded_in_words(share: float) -> str:
    return f"{percent(share)} of its columns encoded"
