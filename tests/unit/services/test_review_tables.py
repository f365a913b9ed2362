"""The tables across all patterns: from a store's reviews to proposals in the store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.adapters.sqlite import open_sqlite_history
from backend.domain.evidence import AdvisorRow, Column
from backend.domain.money import Prices
from backend.domain.plan import Movement
from backend.domain.recommendation import Standing, TriageState
from backend.domain.table_proposal import Opinion, TableFilterBy
from backend.domain.table_use import (
    AdvisedTable,
    Arrival,
    JoinEnd,
    JoinKind,
    TableColumn,
    TableJoin,
    TableUse,
    WriteKind,
)
from backend.domain.threshold import Limits
from backend.domain.workload import TableUseFact, WorkloadReview
from backend.services.review_tables import review_tables
from tests.builders import A_MOMENT, a_finding, a_hash, a_recommendation, a_review, a_table

LATER = A_MOMENT + timedelta(days=1)
ORDERS, LINES = "shop.sales.orders", "shop.sales.lines"
ONE, TWO = a_hash(1), a_hash(2)


@pytest.fixture
def store(tmp_path):
    history = open_sqlite_history(tmp_path / "history.sqlite")
    columns = tuple(Column(name=name, data_type="bigint") for name in ("order_id", "customer_id"))
    history.put_tables(
        [
            a_table("sales.orders", distribution_style="KEY(order_id)", row_count=10**8,
                    columns=columns),
            a_table("sales.lines", distribution_style="EVEN", row_count=10**8, columns=columns),
            a_table("sales.unused", distribution_style="EVEN", row_count=10**8),
        ]
    )  # fmt: skip
    yield history
    history.close()


def uses(query_hash: str, column: str = "order_id", seconds: float = 800.0) -> tuple[TableUse, ...]:
    """Lines are sent to the orders, which lie by order_id."""
    ends = [
        JoinEnd(
            arrival=Arrival.SCAN,
            columns=(TableColumn(table_name=table, column_name=column),),
            rows=10**7,
            table_names=(table,),
        )
        for table in (ORDERS, LINES)
    ]
    join = TableJoin(
        join_id=1,
        kind=JoinKind.INNER,
        outer=ends[0],
        inner=ends[1],
        movement=Movement.DS_DIST_INNER if column == "order_id" else Movement.DS_DIST_BOTH,
        moving_seconds=seconds,
        is_measured=True,
    )
    return tuple(
        TableUse(
            query_hash=query_hash, table_name=table, analysis_timestamp=A_MOMENT,
            window_end=A_MOMENT, window_days=7.0, runs=10, seconds=seconds, is_measured=True,
            like_runs=10.0, joins=(join,),
        )
        for table in (ORDERS, LINES)
    )  # fmt: skip


def keyed(query_hash: str, column: str):
    sql = f"ALTER TABLE sales.lines ALTER DISTSTYLE KEY DISTKEY {column};"
    return a_recommendation(query_hash, action_sql=sql)


def put(store, query_hash, *recommendations, own=None, at=A_MOMENT):
    store.put_review(
        a_review(
            query_hash,
            at,
            recommendations,
            table_uses=uses(query_hash) if own is None else own,
            advised_tables=tuple(
                AdvisedTable(
                    recommendation_id=each.recommendation_id,
                    table_name=LINES,
                    written_as="sales.lines",
                )
                for each in recommendations
            ),
        )
    )


def weighed(store, **how):
    return review_tables(store=store, analysis_timestamp=LATER, **how)


def test_every_table_that_patterns_use_gets_one_proposal(store):
    put(store, ONE)

    review = weighed(store)

    assert (review.tables, review.changes, review.patterns) == (2, 1, 1)
    assert review.net_seconds == pytest.approx(400)
    found = {each.table_name: each.proposal for each in store.used_tables(TableFilterBy()).items}
    assert {name: proposal.headline for name, proposal in found.items()} == {
        LINES: "Distribute by order_id",
        ORDERS: "Keep",
    }
    assert {proposal.analysis_timestamp for proposal in found.values()} == {LATER}
    assert store.tables_review() == review


def test_a_second_review_replaces_the_first(store):
    put(store, ONE)
    weighed(store)
    put(store, ONE, own=(), at=LATER)

    review = review_tables(store=store, analysis_timestamp=LATER + timedelta(days=1))

    assert (review.tables, review.changes) == (0, 0)
    assert store.used_tables(TableFilterBy(has_change=True)).items == ()


def test_open_advice_is_judged_and_the_loser_is_kept_with_the_reason(store):
    loser, winner = keyed(ONE, "customer_id"), keyed(TWO, "order_id")
    put(store, ONE, loser, own=uses(ONE, "customer_id", 300.0))
    put(store, TWO, winner)

    review = weighed(store)

    assert review.contradictions == 1
    lost = store.recommendation(loser.recommendation_id)
    assert lost.across_patterns.standing is Standing.LOSES
    assert "instead" in lost.across_patterns.sentence
    assert lost.state is TriageState.OPEN
    won = store.recommendation(winner.recommendation_id)
    assert won.across_patterns.standing is Standing.AGREES


@pytest.mark.parametrize(
    ("state", "is_judged"),
    [
        (TriageState.ACCEPTED, True),
        (TriageState.DISMISSED, False),
    ],
)
def test_advice_that_was_decided_against_is_no_rival(store, state, is_judged):
    told = keyed(ONE, "order_id")
    put(store, ONE, told)
    store.triage(told.recommendation_id, state, who="ann", why="so", at=LATER, expected_version=1)

    weighed(store)

    across = store.recommendation(told.recommendation_id).across_patterns
    assert (across is not None) is is_judged


def test_advice_that_a_later_review_no_longer_gives_is_no_rival(store):
    told = keyed(ONE, "customer_id")
    put(store, ONE, told)
    put(store, ONE, at=LATER)

    review = weighed(store)

    assert review.contradictions == 0
    assert store.recommendation(told.recommendation_id).across_patterns is None


def test_redshifts_advisor_is_compared_by_table(store):
    put(store, ONE)
    store.put_advisor_rows(
        [
            AdvisorRow(
                kind="diststyle",
                database_name="shop",
                table_id=7,
                group_id=1,
                ddl='ALTER TABLE "sales"."lines" ALTER DISTSTYLE KEY DISTKEY "customer_id"',
                is_auto_eligible=True,
                table_name="sales.lines",
            )
        ]
    )

    review = weighed(store)

    assert (review.agreements, review.disagreements) == (0, 1)
    proposal = store.used_table(LINES).proposal
    assert proposal.opinion is Opinion.DISAGREES
    assert store.used_table(ORDERS).proposal.opinion is Opinion.SILENT


def test_thresholds_of_the_configuration_hold(store):
    put(store, ONE)

    review = weighed(store, limits=Limits((("table_change_seconds_a_week", 401.0),)))

    assert review.changes == 0


def test_dollars_are_summed_where_patterns_have_prices(store):
    priced = tuple(
        replace(use, dollars_a_second=0.01, prices_as_of=A_MOMENT.date()) for use in uses(ONE)
    )
    put(store, ONE, own=priced)

    assert weighed(store).net_dollars == pytest.approx(4.0)


def test_without_prices_there_is_no_amount(store):
    put(store, ONE)

    assert weighed(store).net_dollars is None


def test_a_table_that_nobody_reads_is_set_against_dropping_it(store):
    put(store, ONE, own=tuple(replace(use, write=WriteKind.MERGE) for use in uses(ONE)))
    fact = TableUseFact(
        fact_id="W4",
        table=a_table("sales.lines", size_mb=20_000),
        last_read=None,
        last_written=A_MOMENT,
    )
    store.put_workload_review(
        WorkloadReview(
            analysis_timestamp=A_MOMENT,
            window_start=A_MOMENT,
            window_end=A_MOMENT,
            findings=(a_finding("unread_tables", subject="sales.lines", fact_ids=("W4",)),),
            facts=(fact,),
        )
    )

    weighed(store)

    cautions = store.used_table(LINES).proposal.cautions
    assert [each for each in cautions if "nobody reads it" in each]
    assert store.used_table(ORDERS).proposal.cautions == ()


def test_an_empty_store_has_nothing_to_weigh(store):
    review = weighed(store)

    assert (review.tables, review.net_seconds, review.old_uses) == (0, 0.0, 0)


def test_the_prices_of_a_cluster_tell_its_nodes(store):
    put(store, ONE)

    weighed(store, prices=Prices(as_of=A_MOMENT.date(), nodes=3, node_hour=1.0))

    told = " ".join(store.used_table(LINES).proposal.assumptions)
    assert "a broadcast row counts 3 times" in told
