"""Review the tables across all patterns: one proposal for each, and how open advice stands."""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from backend.checks.workload.unread_tables import CHECK as UNREAD_TABLES
from backend.domain.evidence import AdvisorRow, Table
from backend.domain.money import Prices
from backend.domain.recommendation import Standing, TriagedRecommendation, TriageState
from backend.domain.table_design import key_of_table
from backend.domain.table_proposal import Opinion, TablesReview
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.domain.workload import TableUseFact, WorkloadReview
from backend.services.ports import HistoryStore
from backend.table_design.propose import OpenAdvice, Proposed, propose_designs

logger = logging.getLogger(__name__)

OPEN_STATES = frozenset({TriageState.OPEN, TriageState.ACCEPTED, TriageState.SNOOZED})
"""Advice that may still be followed."""


def review_tables(
    *,
    store: HistoryStore,
    analysis_timestamp: datetime,
    limits: Limits = DEFAULT_LIMITS,
    prices: Prices | None = None,
) -> TablesReview:
    """Reads every table use once; keeps the proposals in place of those before.

    The prices of a provisioned cluster tell how many nodes it has.
    """
    uses = list(store.each_table_use())
    tables = _tables(store, {use.table_name for use in uses})
    proposed = propose_designs(
        uses,
        tables.values(),
        at=analysis_timestamp,
        advisor_rows=_advisor_rows(store, tables),
        advice=_open_advice(store),
        limits=limits,
        nodes=prices.nodes if prices and prices.nodes > 0 else None,
        unread=_unread(store.latest_workload_review()),
    )
    review = _summary(proposed, analysis_timestamp)
    store.put_table_proposals(proposed.proposals, proposed.standings, review)
    logger.info("tables reviewed", extra={"tables": review.tables, "changes": review.changes})
    return review


def _tables(store: HistoryStore, keys: set[str]) -> dict[str, Table]:
    """By their keys, those whose design is known; a key names one table only."""
    found = store.tables(sorted(keys))
    return {key: table for table in found if (key := key_of_table(table)) in keys}


def _unread(workload: WorkloadReview | None) -> frozenset[str]:
    """Keys of the tables that nobody reads by the newest workload review, so that they may go."""
    if workload is None:
        return frozenset()
    told = {
        fact_id
        for finding in workload.findings
        if finding.check == UNREAD_TABLES
        for fact_id in finding.fact_ids
    }
    return frozenset(
        key_of_table(fact.table)
        for fact in workload.facts
        if isinstance(fact, TableUseFact) and fact.fact_id in told
    )


def _advisor_rows(
    store: HistoryStore, tables: Mapping[str, Table]
) -> dict[str, Sequence[AdvisorRow]]:
    return {key: store.advisor_rows([key]) for key in tables}


def _open_advice(store: HistoryStore) -> Iterator[OpenAdvice]:
    names: dict[str, dict[str, str]] = defaultdict(dict)
    known: dict[str, TriagedRecommendation] = {}
    for advised, triaged in store.advised_tables():
        if triaged.state in OPEN_STATES:
            known[advised.recommendation_id] = triaged
            names[advised.recommendation_id][advised.written_as] = advised.table_name
    for recommendation_id, triaged in known.items():
        yield OpenAdvice(triaged=triaged, key_of=names[recommendation_id])


def _summary(proposed: Proposed, at: datetime) -> TablesReview:
    opinions = [proposal.opinion for proposal in proposed.proposals]
    total = proposed.total
    return TablesReview(
        analysis_timestamp=at,
        tables=len(proposed.proposals),
        changes=sum(bool(proposal.changes) for proposal in proposed.proposals),
        patterns=proposed.patterns,
        net_seconds=total.net_seconds,
        contradictions=sum(each.standing is Standing.LOSES for each in proposed.standings.values()),
        agreements=opinions.count(Opinion.AGREES),
        disagreements=opinions.count(Opinion.DISAGREES),
        net_dollars=total.net_dollars,
        prices_as_of=total.prices_as_of,
        old_uses=proposed.old_uses,
    )
