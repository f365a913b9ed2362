"""The documented shape of a table across patterns: other programs read it."""

import json
from dataclasses import replace
from datetime import date

from backend.domain.evidence import Column
from backend.domain.table_proposal import (
    AdvisorOpinion,
    Alternative,
    Aspect,
    Balance,
    Decision,
    Effect,
    Opinion,
    TableProposal,
    UsedTable,
)
from backend.domain.table_use import FilterKind, TableFilter, TableScan, TableUse
from backend.services.table_records import table_record, table_use_records
from tests.builders import A_MOMENT, a_table

EFFECT = Effect(
    query_hash="f1-1",
    analysis_timestamp=A_MOMENT,
    seconds=400.0000001,
    reason="its join no longer moves rows",
    is_measured=True,
    fact_ids=("F7",),
)
PROPOSAL = TableProposal(
    table_name="shop.sales.orders",
    analysis_timestamp=A_MOMENT,
    decisions=(
        Decision(
            aspect=Aspect.DISTRIBUTION,
            present="EVEN",
            proposed="KEY(order_id)",
            is_change=True,
            reason="It saves.",
            action_sql="ALTER TABLE …",
            balance=Balance(gained_seconds=400.0, gaining_patterns=1, effects=(EFFECT,)),
            alternatives=(Alternative(design="ALL", gained_seconds=1.0, lost_seconds=2.0),),
            advisor=AdvisorOpinion(
                aspect=Aspect.DISTRIBUTION, opinion=Opinion.AGREES, sentence="It does."
            ),
        ),
    ),
    headline="Distribute by order_id",
)
USED = UsedTable(
    table_name="shop.sales.orders",
    seconds_a_week=1000.0,
    patterns=3,
    table=a_table(
        row_count=7,
        size_mb=8,
        distribution_style="EVEN",
        columns=(Column(name="Sold_On", data_type="date", sort_key_position=1),),
    ),
    proposal=PROPOSAL,
)


def test_a_table_tells_its_design_and_what_is_proposed():
    record = table_record(USED)

    assert (record["table_name"], record["row_count"], record["size_mb"]) == (
        "shop.sales.orders", 7, 8,
    )  # fmt: skip
    assert (record["distribution_style"], record["sort_columns"]) == ("EVEN", ["sold_on"])
    assert (record["headline"], record["net_seconds_a_week"]) == ("Distribute by order_id", 400.0)
    assert record["advisor"] == "agrees"
    (decision,) = record["decisions"]
    assert (decision["aspect"], decision["is_change"]) == ("distribution", True)
    assert decision["effects"][0]["seconds_a_week"] == 400.0
    assert decision["effects"][0]["fact_ids"] == ["F7"]
    assert decision["alternatives"][0]["design"] == "ALL"
    assert decision["advisor"]["opinion"] == "agrees"


def test_what_is_not_known_is_null_and_never_nought():
    unpriced = table_record(USED)
    unweighed = table_record(replace(USED, table=None, proposal=None))

    assert unpriced["net_usd_a_week"] is None
    assert unpriced["decisions"][0]["effects"][0]["usd_a_week"] is None
    assert (unweighed["row_count"], unweighed["headline"], unweighed["net_seconds_a_week"]) == (
        None, None, None,
    )  # fmt: skip
    assert unweighed["decisions"] == []


def test_dollars_are_told_with_their_day():
    (decision,) = PROPOSAL.decisions
    balance = replace(decision.balance, net_dollars=4.5, prices_as_of=date(2026, 11, 1))
    priced = replace(PROPOSAL, decisions=(replace(decision, balance=balance),))

    record = table_record(replace(USED, proposal=priced))

    assert record["net_usd_a_week"] == 4.5
    assert record["decisions"][0]["prices_as_of"] == "2026-11-01"


def test_a_use_tells_seconds_of_a_week():
    use = TableUse(
        query_hash="f1-1", table_name="shop.sales.orders", analysis_timestamp=A_MOMENT,
        window_end=A_MOMENT, window_days=14.0, runs=5, seconds=100.0, is_measured=True,
        like_runs=5.0, scan=TableScan(rows_read=10, rows_kept=1),
        filters=(TableFilter(column_name="sold_on", kind=FilterKind.RANGE),),
    )  # fmt: skip

    (record,) = table_use_records([use])

    assert (record["seconds_a_week"], record["window_days"]) == (50.0, 14.0)
    assert (record["filters"], record["rows_kept"]) == (["sold_on range"], 1)


def test_every_record_is_json_as_it_is():
    record = table_record(USED)

    assert json.loads(json.dumps(record)) == record
