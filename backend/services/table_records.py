"""The documented shape of a table across patterns, as in `records`: see docs/cli.md."""

from collections.abc import Iterable

from typing_extensions import TypedDict

from backend.domain.review import timestamp_key
from backend.domain.table_design import sort_columns
from backend.domain.table_proposal import (
    AdvisorOpinion,
    Alternative,
    Decision,
    Effect,
    Rival,
    UsedTable,
)
from backend.domain.table_use import TableJoin, TableUse


class EffectRecord(TypedDict):
    query_hash: str
    analysis_timestamp: str
    seconds_a_week: float
    usd_a_week: float | None
    reason: str
    is_measured: bool
    fact_ids: list[str]


class AlternativeRecord(TypedDict):
    design: str
    gained_seconds_a_week: float
    lost_seconds_a_week: float
    effects: list[EffectRecord]


class AdvisorOpinionRecord(TypedDict):
    opinion: str
    sentence: str
    ddl: str
    is_auto_eligible: bool


class RivalRecord(TypedDict):
    recommendation_id: str
    query_hash: str
    title: str
    wants: str
    standing: str
    sentence: str


class DecisionRecord(TypedDict):
    aspect: str
    present: str
    proposed: str
    is_change: bool
    reason: str
    action_sql: str | None
    look_first_sql: str | None
    gained_seconds_a_week: float
    lost_seconds_a_week: float
    net_seconds_a_week: float
    gaining_patterns: int
    losing_patterns: int
    net_usd_a_week: float | None
    prices_as_of: str | None
    effects: list[EffectRecord]
    is_left_to_redshift: bool
    together_with: list[str]
    alternatives: list[AlternativeRecord]
    refused: list[str]
    advisor: AdvisorOpinionRecord | None
    rivals: list[RivalRecord]


class TableRecord(TypedDict):
    """A table by the time that stands on it, with what is proposed for it."""

    table_name: str
    seconds_a_week: float
    patterns: int
    row_count: int | None
    size_mb: int | None
    distribution_style: str | None
    sort_columns: list[str]
    analysis_timestamp: str | None
    headline: str | None
    net_seconds_a_week: float | None
    net_usd_a_week: float | None
    advisor: str | None
    decisions: list[DecisionRecord]
    assumptions: list[str]
    cautions: list[str]


class TableJoinRecord(TypedDict):
    columns: list[str]
    movement: str | None
    rows_moved: int
    moving_seconds_a_week: float
    join_seconds_a_week: float
    is_measured: bool


class TableUseRecord(TypedDict):
    """What one pattern does with the table."""

    query_hash: str
    analysis_timestamp: str
    seconds_a_week: float
    is_measured: bool
    runs: int
    window_days: float
    rows_read: int | None
    rows_kept: int | None
    is_range_restricted: bool | None
    filters: list[str]
    grouped_by: list[str]
    write: str | None
    joins: list[TableJoinRecord]
    fact_ids: list[str]


def table_record(used: UsedTable) -> TableRecord:
    table, proposal = used.table, used.proposal
    return TableRecord(
        table_name=used.table_name,
        seconds_a_week=_figure(used.seconds_a_week),
        patterns=used.patterns,
        row_count=table.row_count if table else None,
        size_mb=table.size_mb if table else None,
        distribution_style=table.distribution_style if table else None,
        sort_columns=list(sort_columns(table)) if table else [],
        analysis_timestamp=timestamp_key(proposal.analysis_timestamp) if proposal else None,
        headline=proposal.headline if proposal else None,
        net_seconds_a_week=_figure(proposal.net_seconds) if proposal else None,
        net_usd_a_week=_known(proposal.net_dollars) if proposal else None,
        advisor=proposal.opinion.value if proposal else None,
        decisions=[_decision(each) for each in proposal.decisions] if proposal else [],
        assumptions=list(proposal.assumptions) if proposal else [],
        cautions=list(proposal.cautions) if proposal else [],
    )


def table_use_records(uses: Iterable[TableUse]) -> list[TableUseRecord]:
    return [_use(use) for use in uses]


def _decision(decision: Decision) -> DecisionRecord:
    balance = decision.balance
    return DecisionRecord(
        aspect=decision.aspect.value,
        present=decision.present,
        proposed=decision.proposed,
        is_change=decision.is_change,
        reason=decision.reason,
        action_sql=decision.action_sql,
        look_first_sql=decision.look_first_sql,
        gained_seconds_a_week=_figure(balance.gained_seconds),
        lost_seconds_a_week=_figure(balance.lost_seconds),
        net_seconds_a_week=_figure(balance.net_seconds),
        gaining_patterns=balance.gaining_patterns,
        losing_patterns=balance.losing_patterns,
        net_usd_a_week=_known(balance.net_dollars),
        prices_as_of=balance.prices_as_of.isoformat() if balance.prices_as_of else None,
        effects=[_effect(each) for each in balance.effects],
        is_left_to_redshift=decision.is_left_to_redshift,
        together_with=list(decision.together_with),
        alternatives=[_alternative(each) for each in decision.alternatives],
        refused=list(decision.refused),
        advisor=_advisor(decision.advisor) if decision.advisor else None,
        rivals=[_rival(each) for each in decision.rivals],
    )


def _effect(effect: Effect) -> EffectRecord:
    return EffectRecord(
        query_hash=effect.query_hash,
        analysis_timestamp=timestamp_key(effect.analysis_timestamp),
        seconds_a_week=_figure(effect.seconds),
        usd_a_week=_known(effect.dollars),
        reason=effect.reason,
        is_measured=effect.is_measured,
        fact_ids=list(effect.fact_ids),
    )


def _alternative(alternative: Alternative) -> AlternativeRecord:
    return AlternativeRecord(
        design=alternative.design,
        gained_seconds_a_week=_figure(alternative.gained_seconds),
        lost_seconds_a_week=_figure(alternative.lost_seconds),
        effects=[_effect(each) for each in alternative.effects],
    )


def _advisor(opinion: AdvisorOpinion) -> AdvisorOpinionRecord:
    return AdvisorOpinionRecord(
        opinion=opinion.opinion.value,
        sentence=opinion.sentence,
        ddl=opinion.ddl,
        is_auto_eligible=opinion.is_auto_eligible,
    )


def _rival(rival: Rival) -> RivalRecord:
    return RivalRecord(
        recommendation_id=rival.recommendation_id,
        query_hash=rival.query_hash,
        title=rival.title,
        wants=rival.wants,
        standing=rival.standing.value,
        sentence=rival.sentence,
    )


def _use(use: TableUse) -> TableUseRecord:
    scan = use.scan
    return TableUseRecord(
        query_hash=use.query_hash,
        analysis_timestamp=timestamp_key(use.analysis_timestamp),
        seconds_a_week=_figure(use.seconds_a_week),
        is_measured=use.is_measured,
        runs=use.runs,
        window_days=round(use.window_days, 3),
        rows_read=scan.rows_read if scan else None,
        rows_kept=scan.rows_kept if scan else None,
        is_range_restricted=scan.is_range_restricted if scan else None,
        filters=[f"{each.column_name} {each.kind.value}" for each in use.filters],
        grouped_by=list(use.grouped_by),
        write=use.write.value if use.write else None,
        joins=[_join(join, use.weeks) for join in use.joins],
        fact_ids=list(use.fact_ids),
    )


def _join(join: TableJoin, weeks: float) -> TableJoinRecord:
    return TableJoinRecord(
        columns=[
            " = ".join(
                f"{column.table_name}.{column.column_name}" if column else "?" for column in pair
            )
            for pair in join.pairs
        ],
        movement=join.movement.value if join.movement else None,
        rows_moved=join.rows_moved,
        moving_seconds_a_week=_figure(join.moving_seconds / weeks),
        join_seconds_a_week=_figure(join.join_seconds / weeks),
        is_measured=join.is_measured,
    )


def _figure(value: float) -> float:
    return round(value, 6)


def _known(value: float | None) -> float | None:
    return None if value is None else _figure(value)
