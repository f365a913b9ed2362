"""The decision about a table's leading sort column."""

from collections.abc import Sequence

from backend.domain.evidence import Table
from backend.domain.in_words import duration_in_words, number_in_words, paragraph, percent
from backend.domain.table_design import (
    is_sort_automatic,
    sort_columns,
    sort_words,
)
from backend.domain.table_proposal import Alternative, Aspect, Balance, Decision
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.sql.action_sql import sort_by
from backend.table_design.balance import alternative, balance_of, effect_of_use
from backend.table_design.candidates import set_by_view
from backend.table_design.decide_distribution import (
    MOST_ALTERNATIVES,
    a_week,
    not_worth_it,
    sums_in_words,
)
from backend.table_design.sort_keys import is_out_of_order, sort_candidates, sort_effects
from backend.table_design.workload import Workload


def decide_sort_key(key: str, least_seconds: float, workload: Workload) -> Decision:
    """`least_seconds` a week are what a change of the table has to save."""
    table = workload.tables[key]
    weighed = [(name, sort_balance(key, name, workload)) for name in sort_candidates(key, workload)]
    weighed.sort(key=lambda each: (-each[1].net_seconds, each[0]))
    best = next((each for each in weighed if each[1].net_seconds >= least_seconds), None)
    others = _alternatives([each for each in weighed if each != best])
    return Decision(
        aspect=Aspect.SORT_KEY,
        present=sort_words(table),
        proposed=f"sorted by {best[0]}" if best else sort_words(table),
        is_change=best is not None,
        reason=_reason_to_change(table, best[0], best[1])
        if best
        else _reason_to_keep(key, others, least_seconds, workload),
        columns=(best[0],) if best else sort_columns(table),
        action_sql=sort_by(table, (best[0],)) if best else None,
        balance=best[1] if best else Balance(),
        is_left_to_redshift=is_sort_automatic(table),
        alternatives=others,
    )


def sort_balance(key: str, column_name: str, workload: Workload) -> Balance:
    effects = map(effect_of_use, sort_effects(key, column_name, workload))
    return balance_of(effects, workload.uses_of.get(key, ()))


def _alternatives(weighed: Sequence[tuple[str, Balance]]) -> tuple[Alternative, ...]:
    told = [alternative(f"sorted by {name}", balance) for name, balance in weighed]
    felt = [each for each in told if each.gained_seconds or each.lost_seconds]
    return tuple(felt[:MOST_ALTERNATIVES])


def _reason_to_change(table: Table, column_name: str, balance: Balance) -> str:
    present = sort_columns(table)
    before = "it has no sort key so far" if not present else f"so far it is {sort_words(table)}"
    interleaved = (
        "An interleaved key is slow to load and to vacuum, and AWS discourages it for dates and"
        " rising numbers"
        if table.has_interleaved_sort_key
        else ""
    )
    automatic = (
        "Its sort key is AUTO: Redshift decides, and may still come to this by itself"
        if is_sort_automatic(table)
        else ""
    )
    return paragraph(
        f"{sums_in_words(balance)} by {column_name} as the leading sort column; {before}",
        interleaved,
        automatic,
    )


def _reason_to_keep(
    key: str, others: tuple[Alternative, ...], least_seconds: float, workload: Workload
) -> str:
    table = workload.tables[key]
    left = "Its sort key is left to Redshift (AUTO)" if is_sort_automatic(table) else ""
    large = workload.limit(LARGE_TABLE_ROWS)
    if by_view := set_by_view(table):
        return paragraph(by_view)
    if table.row_count is not None and table.row_count <= large:
        return paragraph(
            f"A table of {number_in_words(table.row_count)} rows is read as fast without an order"
            f" (threshold {number_in_words(large)})",
            left,
        )
    vacuum = _vacuum_words(key, workload)
    if not others:
        return paragraph(f"No other column is filtered by what reads it{vacuum}", left)
    best = others[0]
    if best.net_seconds > 0:
        told = (
            f"The best of the others, {best.design}, would save {a_week(best.net_seconds)}, less"
            f" than a change of this table has to ({duration_in_words(least_seconds)})"
        )
    else:
        told = not_worth_it(best)
    return paragraph(f"{told}{vacuum}", left)


def _vacuum_words(key: str, workload: Workload) -> str:
    """What keeps the present key from helping, where it is the order of the rows."""
    table = workload.tables[key]
    leading = sort_columns(table)[:1]
    reads_whole = any(
        use.scan
        and use.scan.is_range_restricted is False
        and any(each.column_name in leading for each in use.usable_filters)
        for use in workload.uses_of.get(key, ())
    )
    if not leading or not reads_whole or not is_out_of_order(table):
        return ""
    benefit = table.vacuum_sort_benefit_percent or 0.0
    return (
        f". {leading[0]} is filtered and still skips nothing, as {table.unsorted_percent or 0:g} %"
        f" of the rows are unsorted: VACUUM SORT ONLY helps (vacuum_sort_benefit"
        f" {percent(benefit / 100)})"
    )
