"""One table: what it is, what is proposed for it over all patterns, who gains and who loses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from backend.domain.evidence import Table
from backend.domain.recommendation import Standing
from backend.domain.table_design import short_name
from backend.domain.table_proposal import (
    Aspect,
    Balance,
    Decision,
    Effect,
    Opinion,
    Rival,
    TableProposal,
    UsedTable,
)
from workbench.presenters.advice_card import Badge
from workbench.presenters.effect_chart import EffectChart, effect_chart, signed, with_capital
from workbench.presenters.figure import Figure
from workbench.presenters.wording import (
    count,
    dollars,
    duration,
    full_day,
    gain_in_dollars,
    megabytes,
    moment_text,
    number_of,
    ratio,
    short_count,
)

ASPECT_WORDS = {
    Aspect.DISTRIBUTION: "Distribution",
    Aspect.SORT_KEY: "Sort key",
    Aspect.ENCODING: "Encoding",
}
OPINION_BADGES = {
    Opinion.AGREES: Badge(text="Advisor agrees", colour="green"),
    Opinion.DISAGREES: Badge(text="Advisor disagrees", colour="orange"),
    Opinion.SILENT: Badge(text="Advisor is silent", colour="gray"),
    Opinion.NOT_WEIGHED: Badge(text="Advisor: another matter", colour="gray"),
}
STANDING_BADGES = {
    Standing.AGREES: Badge(text="Agrees", colour="green"),
    Standing.LOSES: Badge(text="Loses", colour="orange"),
}
KEEP = "Keep it as it is"


@dataclass(frozen=True, kw_only=True)
class TableHead:
    """`title` is safe where Markdown is read."""

    title: str
    caption: str
    badges: tuple[Badge, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True)
class RivalLine:
    """`title` is safe where Markdown is read."""

    badge: Badge
    title: str
    sentence: str
    recommendation_id: str


@dataclass(frozen=True, kw_only=True)
class DecisionCard:
    """`reason`, sentences and SQL are foreign text. `effects` keeps seconds as text: the column
    is in the order of the effect already. Where the design is kept, the chart and the effects are
    those of the best other one, which `chart_label` names."""

    key: str
    title: str
    badges: tuple[Badge, ...]
    reason: str
    action_sql: str | None
    look_first_sql: str | None
    chart_label: str
    chart: EffectChart | None
    effects: pd.DataFrame
    effects_label: str
    query_hashes: tuple[str, ...]
    advisor: str
    rivals: tuple[RivalLine, ...]
    alternatives: pd.DataFrame
    refused: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProposalScreen:
    cards: tuple[DecisionCard, ...]
    cautions: tuple[str, ...]
    assumptions: tuple[str, ...]
    assumptions_label: str


def table_head(used: UsedTable) -> TableHead:
    table, proposal = used.table, used.proposal
    database = used.table_name.partition(".")[0]
    weighed = f" · weighed {moment_text(proposal.analysis_timestamp)}" if proposal else ""
    return TableHead(
        title=short_name(used.table_name),
        caption=f"Database {database}{weighed}",
        badges=_head_badges(proposal),
        figures=(
            Figure(
                label="Time a week",
                value=duration(used.seconds_a_week),
                help="Execution time that stands on the table: its scans, its joins and what moves "
                "for them, and its writing.",
            ),
            Figure(label="Patterns", value=count(used.patterns)),
            *(_table_figures(table) if table else ()),
        ),
    )


def _head_badges(proposal: TableProposal | None) -> tuple[Badge, ...]:
    if proposal is None:
        return ()
    badges = [
        Badge(text=proposal.headline, colour="blue" if proposal.changes else "gray"),
        OPINION_BADGES[proposal.opinion],
    ]
    losing = sum(rival.standing is Standing.LOSES for rival in proposal.rivals)
    if losing:
        badges.append(
            Badge(text=f"Contradicts {number_of(losing, 'recommendation')}", colour="violet")
        )
    return tuple(badges)


def _table_figures(table: Table) -> tuple[Figure, ...]:
    figures = [
        Figure(
            label="Rows",
            value="–" if table.row_count is None else short_count(table.row_count),
            help=_exactly(table.row_count),
        ),
        Figure(label="Size", value="–" if table.size_mb is None else megabytes(table.size_mb)),
    ]
    if table.row_skew_ratio is not None:
        figures.append(
            Figure(
                label="Skew",
                value=ratio(table.row_skew_ratio),
                help="skew_rows: the rows of its fullest slice by those of its emptiest.",
            )
        )
    for label, value, told in (
        ("Unsorted", table.unsorted_percent, "Of its rows, by SVV_TABLE_INFO."),
        ("Stats off", table.statistics_off_percent, "stats_off: 0 is up to date."),
    ):
        if value is not None:
            figures.append(Figure(label=label, value=f"{value:.0f} %", help=told))
    return tuple(figures)


def _exactly(rows: int | None) -> str:
    return "" if rows is None else f"{rows:,} by SVV_TABLE_INFO (tbl_rows)."


def proposal_screen(proposal: TableProposal, names: Mapping[str, str]) -> ProposalScreen:
    """`names` are those of the statements, by hash."""
    return ProposalScreen(
        cards=tuple(_card(decision, names) for decision in proposal.decisions),
        cautions=proposal.cautions,
        assumptions=proposal.assumptions,
        assumptions_label=f"What the figures take for granted ({len(proposal.assumptions)})",
    )


def patterns_named(proposal: TableProposal) -> tuple[str, ...]:
    """Hashes of all patterns that the proposal speaks of."""
    hashes = [
        effect.query_hash for each in proposal.decisions for effect in _effects_to_show(each)[0]
    ]
    return tuple(dict.fromkeys((*hashes, *(rival.query_hash for rival in proposal.rivals))))


def _card(decision: Decision, names: Mapping[str, str]) -> DecisionCard:
    effects, chart_label = _effects_to_show(decision)
    return DecisionCard(
        key=decision.aspect.value,
        title=_title(decision),
        badges=_badges(decision),
        reason=decision.reason,
        action_sql=decision.action_sql,
        look_first_sql=decision.look_first_sql,
        chart_label=chart_label,
        chart=effect_chart(effects, names),
        effects=_effects(effects, names),
        effects_label=_effects_label(decision.balance),
        query_hashes=tuple(effect.query_hash for effect in effects),
        advisor=decision.advisor.sentence if decision.advisor else "",
        rivals=tuple(_rival(rival) for rival in decision.rivals),
        alternatives=_alternatives(decision),
        refused=decision.refused,
    )


def _effects_to_show(decision: Decision) -> tuple[Sequence[Effect], str]:
    """Of the change, or of the best of the others where it would serve somebody."""
    best = decision.alternatives[0] if decision.alternatives else None
    if decision.is_change or best is None or best.gained_seconds <= 0:
        return decision.balance.effects, ""
    return best.effects, f"The best of the others, {best.design}, would do this:"


def _title(decision: Decision) -> str:
    word = ASPECT_WORDS[decision.aspect]
    if decision.is_change:
        return f"{word}: {decision.present} → {decision.proposed}"
    return f"{word}: keep {decision.present}"


def _badges(decision: Decision) -> tuple[Badge, ...]:
    badges = []
    balance = decision.balance
    if decision.is_change and balance.net_seconds:
        badges.append(Badge(text=f"Saves {_net(balance)} a week net", colour="green"))
    elif not decision.is_change:
        badges.append(Badge(text=KEEP, colour="gray"))
    if decision.is_left_to_redshift:
        badges.append(Badge(text="AUTO: Redshift decides", colour="violet"))
    if decision.advisor:
        badges.append(OPINION_BADGES[decision.advisor.opinion])
    return tuple(badges)


def _net(balance: Balance) -> str:
    """`6.7 min`, with its dollars where there are prices."""
    told = duration(balance.net_seconds)
    if not balance.net_dollars or balance.prices_as_of is None:
        return told
    return f"{told} · {dollars(balance.net_dollars)} (prices of {full_day(balance.prices_as_of)})"


def _effects_label(balance: Balance) -> str:
    """Empty where all effects are shown: the reason says what they add up to."""
    shown = len(balance.effects)
    total = balance.gaining_patterns + balance.losing_patterns
    return f"The {shown} largest effects of {count(total)}" if total > shown else ""


def _effects(effects: Sequence[Effect], names: Mapping[str, str]) -> pd.DataFrame:
    """With dollars where there are prices only."""
    amounts = [effect.dollars for effect in effects]
    return pd.DataFrame(
        {
            "effect": [signed(effect.seconds) for effect in effects],
            **({"dollars": [gain_in_dollars(each) for each in amounts]} if any(amounts) else {}),
            "pattern": [names.get(effect.query_hash) or effect.query_hash for effect in effects],
            "why": [with_capital(effect.reason) for effect in effects],
            "basis": ["Measured" if effect.is_measured else "Estimated" for effect in effects],
            "facts": [", ".join(effect.fact_ids) for effect in effects],
        }
    )


def _rival(rival: Rival) -> RivalLine:
    return RivalLine(
        badge=STANDING_BADGES[rival.standing],
        title=rival.title,
        sentence=rival.sentence,
        recommendation_id=rival.recommendation_id,
    )


def _alternatives(decision: Decision) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "design": [each.design for each in decision.alternatives],
            "net": [signed(each.net_seconds) for each in decision.alternatives],
            "saves": [duration(each.gained_seconds) for each in decision.alternatives],
            "costs": [duration(each.lost_seconds) for each in decision.alternatives],
        }
    )
