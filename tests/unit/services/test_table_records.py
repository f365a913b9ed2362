"""The documented shape of a table across patterns: other programs read it."""

import json
from dataclasses import replace
from datetime import date

import pytest

from backend.domain.evidence import Column
from backend.domain.plan import Movement
from backend.domain.recommendation import Standing
from backend.domain.review import timestamp_key
from backend.domain.table_proposal import (
    AdvisorOpinion,
    Alternative,
    Aspect,
    Balance,
    Decision,
    Effect,
    Opinion,
    Rival,
    TableProposal,
    UsedTable,
)
from backend.domain.table_use import (
    Arrival,
    FilterKind,
    JoinEnd,
    JoinKind,
    TableColumn,
    TableFilter,
    TableJoin,
    TableScan,
    TableUse,
    WriteKind,
)
from backend.services.table_records import (
    DecisionRecord,
    TableRecord,
    TableUseRecord,
    table_record,
    table_use_records,
)
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


def a_use(**changes) -> TableUse:
    known = {
        "query_hash": "f1-1", "table_name": "shop.sales.orders", "analysis_timestamp": A_MOMENT,
        "window_end": A_MOMENT, "window_days": 14.0, "runs": 5, "seconds": 100.0,
        "is_measured": True, "like_runs": 5.0, "fact_ids": ("F3",),
    }  # fmt: skip
    return TableUse(**(known | changes))


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


def test_a_decision_tells_who_gains_who_loses_and_what_else_was_weighed():
    loss = replace(EFFECT, query_hash="f1-2", seconds=-30.0, dollars=-0.3, is_measured=False)
    (decision,) = PROPOSAL.decisions
    told = replace(
        decision,
        balance=Balance(
            gained_seconds=400.0, lost_seconds=30.0, gaining_patterns=1, losing_patterns=1,
            effects=(replace(EFFECT, dollars=4.0), loss),
        ),
        look_first_sql="SELECT 1;", is_left_to_redshift=True, together_with=("shop.sales.lines",),
        refused=("sold_at: its type is not known",),
        alternatives=(
            Alternative(design="ALL", gained_seconds=1.0, lost_seconds=2.0, effects=(loss,)),
        ),
    )  # fmt: skip

    (record,) = table_record(replace(USED, proposal=replace(PROPOSAL, decisions=(told,))))[
        "decisions"
    ]

    assert [
        record[name]
        for name in (
            "present", "proposed", "reason", "action_sql", "look_first_sql",
            "gained_seconds_a_week", "lost_seconds_a_week", "net_seconds_a_week",
            "gaining_patterns", "losing_patterns", "is_left_to_redshift", "together_with", "refused",
        )
    ] == [
        "EVEN", "KEY(order_id)", "It saves.", "ALTER TABLE …", "SELECT 1;", 400.0, 30.0, 370.0,
        1, 1, True, ["shop.sales.lines"], ["sold_at: its type is not known"],
    ]  # fmt: skip
    assert [(each["query_hash"], each["seconds_a_week"], each["usd_a_week"], each["is_measured"])
            for each in record["effects"]] == [
        ("f1-1", 400.0, 4.0, True), ("f1-2", -30.0, -0.3, False),
    ]  # fmt: skip
    assert record["effects"][0]["analysis_timestamp"] == timestamp_key(A_MOMENT)
    (other,) = record["alternatives"]
    assert (other["gained_seconds_a_week"], other["lost_seconds_a_week"]) == (1.0, 2.0)
    assert [each["query_hash"] for each in other["effects"]] == ["f1-2"]


def test_advice_that_loses_is_told_with_the_reason():
    rival = Rival(
        recommendation_id="r1", query_hash="f1-2", title="Spread it", wants="EVEN",
        standing=Standing.LOSES, sentence="It would cost others more.",
    )  # fmt: skip
    (decision,) = PROPOSAL.decisions
    proposal = replace(PROPOSAL, decisions=(replace(decision, rivals=(rival,)),))

    record = table_record(replace(USED, proposal=proposal))

    assert record["decisions"][0]["rivals"] == [
        {
            "recommendation_id": "r1", "query_hash": "f1-2", "title": "Spread it", "wants": "EVEN",
            "standing": "loses", "sentence": "It would cost others more.",
        }
    ]  # fmt: skip


def test_the_advisor_is_told_with_its_statement():
    opinion = AdvisorOpinion(
        aspect=Aspect.DISTRIBUTION, opinion=Opinion.DISAGREES, sentence="It wants EVEN.",
        ddl="ALTER TABLE t ALTER DISTSTYLE EVEN", is_auto_eligible=True,
    )  # fmt: skip
    (decision,) = PROPOSAL.decisions
    proposal = replace(PROPOSAL, decisions=(replace(decision, advisor=opinion),))

    record = table_record(replace(USED, proposal=proposal))

    assert record["advisor"] == "disagrees"
    assert record["decisions"][0]["advisor"] == {
        "opinion": "disagrees", "sentence": "It wants EVEN.",
        "ddl": "ALTER TABLE t ALTER DISTSTYLE EVEN", "is_auto_eligible": True,
    }  # fmt: skip


def test_a_join_tells_its_columns_and_its_seconds_of_a_week():
    own, other = (
        JoinEnd(
            arrival=Arrival.SCAN,
            columns=(TableColumn(table_name=name, column_name="order_id") if name else None,),
            rows=10,
            table_names=(name,) if name else (),
        )
        for name in ("shop.sales.orders", "")
    )
    join = TableJoin(
        join_id=1, kind=JoinKind.INNER, outer=own, inner=other, movement=Movement.DS_DIST_INNER,
        rows_moved=7, moving_seconds=40.0, join_seconds=10.0, is_measured=True,
    )  # fmt: skip

    (record,) = table_use_records([a_use(joins=(join, replace(join, movement=None)))])

    known, without_plan = record["joins"]
    assert known == {
        "columns": ["shop.sales.orders.order_id = ?"], "movement": "DS_DIST_INNER",
        "rows_moved": 7, "moving_seconds_a_week": 20.0, "join_seconds_a_week": 5.0,
        "is_measured": True,
    }  # fmt: skip
    assert without_plan["movement"] is None


def test_a_use_that_writes_has_no_scan():
    (record,) = table_use_records([a_use(write=WriteKind.COPY, grouped_by=("store_id",))])

    assert (record["write"], record["grouped_by"]) == ("copy", ["store_id"])
    assert (record["rows_read"], record["rows_kept"], record["is_range_restricted"]) == (
        None, None, None,
    )  # fmt: skip


def test_a_use_tells_seconds_of_a_week():
    use = a_use(
        scan=TableScan(rows_read=10, rows_kept=1, is_range_restricted=False),
        filters=(TableFilter(column_name="sold_on", kind=FilterKind.RANGE),),
    )

    (record,) = table_use_records([use])

    assert (record["seconds_a_week"], record["window_days"]) == (50.0, 14.0)
    assert (record["filters"], record["rows_kept"]) == (["sold_on range"], 1)
    assert (record["rows_read"], record["is_range_restricted"]) == (10, False)
    assert (record["runs"], record["is_measured"], record["fact_ids"]) == (5, True, ["F3"])


def test_every_record_is_json_as_it_is():
    record = {**table_record(USED), "uses": table_use_records([a_use()])}

    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize(
    ("record", "shape"),
    [
        (table_record(USED), TableRecord),
        (table_record(USED)["decisions"][0], DecisionRecord),
        (table_use_records([a_use()])[0], TableUseRecord),
    ],
)
def test_a_record_has_all_its_documented_fields_and_no_others(record, shape):
    assert set(record) == set(shape.__annotations__)
