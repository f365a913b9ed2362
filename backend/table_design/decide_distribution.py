"""The decision about where a table's rows should lie, with its gains, losses and alternatives."""

from backend.domain.evidence import Table
from backend.domain.in_words import counted, duration_in_words, listed, paragraph
from backend.domain.table_design import (
    Distribution,
    DistributionStyle,
    is_distribution_automatic,
    short_name,
)
from backend.domain.table_proposal import Alternative, Aspect, Balance, Decision
from backend.sql.action_sql import count_by_value, distribute, distribute_by_key
from backend.table_design.balance import alternative, balance_of
from backend.table_design.candidates import set_by_view
from backend.table_design.choose_distributions import DistributionSearch
from backend.table_design.distribution_effects import distribution_effects

MOST_ALTERNATIVES = 4


def decide_distribution(key: str, search: DistributionSearch) -> Decision:
    workload = search.workload
    table, present, chosen = workload.tables[key], workload.present[key], search.designs[key]
    is_change = chosen != present
    balance = balance_with(key, chosen, search)
    others = _alternatives(key, search)
    together = [short_name(other) for other in search.depends_on(key)] if is_change else []
    return Decision(
        aspect=Aspect.DISTRIBUTION,
        present=table.distribution_style,
        proposed=chosen.words if is_change else table.distribution_style,
        is_change=is_change,
        reason=_reason_to_change(table, balance, together)
        if is_change
        else _reason_to_keep(key, others, search),
        columns=(chosen.column,) if chosen.column else (),
        action_sql=distribution_sql(table, chosen) if is_change else None,
        look_first_sql=count_by_value(table, chosen.column)
        if is_change and chosen.style is DistributionStyle.KEY
        else None,
        balance=balance,
        is_left_to_redshift=is_distribution_automatic(table),
        together_with=tuple(together),
        alternatives=others,
        refused=search.candidates[key].refused,
    )


def distribution_sql(table: Table, distribution: Distribution) -> str:
    if distribution.style is DistributionStyle.KEY:
        return distribute_by_key(table, distribution.column)
    return distribute(table, distribution.style.value)


def balance_with(key: str, design: Distribution, search: DistributionSearch) -> Balance:
    """Of this design against the present one, the other tables as they are to be."""
    if design == search.workload.present[key]:
        return Balance()
    effects = distribution_effects({key: design}, search.designs, search.workload)
    return balance_of(effects, search.workload.uses_of.get(key, ()))


def _alternatives(key: str, search: DistributionSearch) -> tuple[Alternative, ...]:
    """The best first, without those that change nothing for anybody."""
    present, chosen = search.workload.present[key], search.designs[key]
    weighed = [
        alternative(design.words, balance_with(key, design, search))
        for design in search.candidates[key].designs
        if design not in (present, chosen)
    ]
    felt = [each for each in weighed if each.gained_seconds or each.lost_seconds]
    return tuple(sorted(felt, key=lambda each: -each.net_seconds)[:MOST_ALTERNATIVES])


def _reason_to_change(table: Table, balance: Balance, together: list[str]) -> str:
    automatic = (
        f"The table is DISTSTYLE {table.distribution_style}: Redshift decides, and may still come"
        " to this by itself"
        if is_distribution_automatic(table)
        else ""
    )
    return paragraph(
        sums_in_words(balance),
        f"This counts on the change of {listed(together)}" if together else "",
        automatic,
    )


def sums_in_words(balance: Balance) -> str:
    """`3 patterns save 12 min a week, 1 loses 40 s`"""
    gaining, losing = balance.gaining_patterns, balance.losing_patterns
    saves = "saves" if gaining == 1 else "save"
    told = f"{counted(gaining, 'pattern')} {saves} {a_week(balance.gained_seconds)}"
    if not losing:
        return told
    return f"{told}, {losing:,} {'loses' if losing == 1 else 'lose'} {a_week(balance.lost_seconds)}"


def a_week(seconds: float) -> str:
    return f"{duration_in_words(seconds)} a week"


def _reason_to_keep(key: str, others: tuple[Alternative, ...], search: DistributionSearch) -> str:
    automatic = is_distribution_automatic(search.workload.tables[key])
    left = "It is left to Redshift (DISTSTYLE AUTO)" if automatic else ""
    if by_view := set_by_view(search.workload.tables[key]):
        return paragraph(by_view)
    if not others:
        joins = any(use.joins for use in search.workload.uses_of.get(key, ()))
        told = "No other distribution changes what its joins move" if joins else "Nothing joins it"
        return paragraph(told, left)
    best = others[0]
    if best.net_seconds > 0:
        least = duration_in_words(search.least[key])
        return paragraph(
            f"The best of the others, {best.design}, would save {a_week(best.net_seconds)}, less"
            f" than a change of this table has to ({least})",
            left,
        )
    return paragraph(not_worth_it(best), left)


def not_worth_it(best: Alternative) -> str:
    if not best.gained_seconds:
        return f"Nothing else would save anything: {best.design} would cost {a_week(best.lost_seconds)}"
    return (
        f"Even the best of the others, {best.design}, would cost {a_week(best.lost_seconds)} and"
        f" save {duration_in_words(best.gained_seconds)}"
    )
