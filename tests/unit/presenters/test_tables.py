"""The list of tables, and one table: what is proposed, who gains and who loses, who uses it."""

from dataclasses import replace
from datetime import date

import pytest

from backend.domain.evidence import Column
from backend.domain.plan import Movement
from backend.domain.recommendation import Standing
from backend.domain.table_proposal import (
    AdvisorOpinion,
    Alternative,
    Aspect,
    Balance,
    Decision,
    Effect,
    Opinion,
    Rival,
    TableFilterBy,
    TableProposal,
    TablesReview,
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
from tests.builders import A_MOMENT, a_table
from workbench.presenters.empty import NO_TABLE_MATCH, NO_TABLES
from workbench.presenters.table_screen import patterns_named, proposal_screen, table_head
from workbench.presenters.table_use import use_screen
from workbench.presenters.tables import tables_screen

ORDERS = "shop.sales.orders"
ALL_TABLES = TableFilterBy()
REVIEW = TablesReview(
    analysis_timestamp=A_MOMENT,
    tables=12,
    changes=3,
    patterns=40,
    net_seconds=600.0,
    contradictions=2,
    agreements=4,
    disagreements=1,
)


def an_effect(query_hash: str, seconds: float, **changes) -> Effect:
    known = {
        "analysis_timestamp": A_MOMENT,
        "reason": "its join no longer moves rows",
        "is_measured": seconds > 0,
        "fact_ids": ("F7", "F9"),
    }
    return Effect(query_hash=query_hash, seconds=seconds, **(known | changes))


EFFECTS = (an_effect("f1-a", 420.0), an_effect("f1-b", -60.0))


def a_change(**changes) -> Decision:
    known = {
        "aspect": Aspect.DISTRIBUTION,
        "present": "EVEN",
        "proposed": "KEY(order_id)",
        "is_change": True,
        "reason": "1 pattern saves 7.0 min a week, 1 loses 60 s a week.",
        "action_sql": "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;",
        "balance": Balance(
            gained_seconds=420.0,
            lost_seconds=60.0,
            gaining_patterns=1,
            losing_patterns=1,
            effects=EFFECTS,
        ),
    }
    return Decision(**(known | changes))


KEPT = Decision(
    aspect=Aspect.SORT_KEY,
    present="sorted by sold_on",
    proposed="sorted by sold_on",
    is_change=False,
    reason="Even the best of the others would cost more.",
    alternatives=(
        Alternative(
            design="sorted by store_id", gained_seconds=30.0, lost_seconds=90.0, effects=EFFECTS
        ),
    ),
    refused=("sold_at: its type is not known",),
)


def a_proposal(*decisions: Decision, headline: str = "Distribute by order_id") -> TableProposal:
    return TableProposal(
        table_name=ORDERS,
        analysis_timestamp=A_MOMENT,
        decisions=decisions,
        headline=headline,
        assumptions=("One.", "Two."),
        cautions=("Look first.",),
    )


def a_used_table(proposal: TableProposal | None = None, **changes) -> UsedTable:
    known = {
        "table_name": ORDERS,
        "seconds_a_week": 7200.0,
        "patterns": 5,
        "table": a_table(
            row_count=618_700_000,
            size_mb=41_900,
            distribution_style="EVEN",
            row_skew_ratio=1.04,
            unsorted_percent=2.0,
            columns=(
                Column(name="sold_on", data_type="date", sort_key_position=1),
                Column(name="order_id", data_type="bigint", sort_key_position=2),
            ),
        ),
    }
    return UsedTable(proposal=proposal, **(known | changes))


def listed(*tables: UsedTable, total: int | None = None, wanted=ALL_TABLES, page=1, review=REVIEW):
    return tables_screen(tables, len(tables) if total is None else total, wanted, page, review)


def test_a_row_tells_time_size_design_and_proposal():
    (row,) = listed(a_used_table(a_proposal(a_change()))).table.to_dict("records")

    assert (row["table"], row["database"]) == ("sales.orders", "shop")
    assert (row["time"], row["patterns"], row["saving"]) == (7200.0, 5, 360.0)
    assert row["design"] == "EVEN, by sold_on +1"
    assert row["proposal"] == ["Distribute by order_id"]
    assert (row["advisor"], row["against"]) == ([], 0)


def test_numbers_are_written_for_people():
    screen = listed(a_used_table(a_proposal(a_change())))

    assert screen.formats["time"](7200.0) == "2.0 h"
    assert screen.formats["rows"](618_700_000) == "618.7 m"
    assert screen.formats["size"](None) == "–"
    assert screen.formats["saving"](0.0) == "–"


def test_a_table_that_is_not_known_or_not_weighed_says_so():
    (row,) = listed(a_used_table(None, table=None)).table.to_dict("records")

    assert (row["design"], row["proposal"]) == ("not in svv_table_info", ["not weighed yet"])
    assert row["rows"] is None


def test_losing_advice_and_the_advisors_opinion_are_counted():
    rivals = tuple(
        Rival(
            recommendation_id=name, query_hash="f1-a", title="T", wants="EVEN",
            standing=standing, sentence="S",
        )
        for name, standing in (("r1", Standing.LOSES), ("r2", Standing.AGREES))
    )  # fmt: skip
    opinion = AdvisorOpinion(
        aspect=Aspect.DISTRIBUTION, opinion=Opinion.DISAGREES, sentence="It wants another."
    )
    used = a_used_table(a_proposal(a_change(rivals=rivals, advisor=opinion)))

    (row,) = listed(used).table.to_dict("records")

    assert (row["advisor"], row["against"]) == (["Disagrees"], 1)


def test_figures_above_the_list_sum_up_the_review():
    screen = listed(a_used_table(), total=30, page=2)

    assert {figure.label: figure.value for figure in screen.figures} == {
        "Tables weighed": "12",
        "Changes proposed": "3",
        "Saves a week": "10.0 min",
        "Advice contradicted": "2",
        "Redshift's Advisor": "4 of 5 agree",
    }
    assert screen.caption.startswith("Tables 26–26 of 30, by the time that stands on them a week")
    assert screen.page_count == 2


def test_dollars_stand_beside_the_time_where_there_are_prices_only():
    priced = replace(REVIEW, net_dollars=12.5, prices_as_of=date(2026, 11, 1))

    values = [figure.value for figure in listed(a_used_table(), review=priced).figures]
    unpriced = [figure.value for figure in listed(a_used_table()).figures]

    assert any("$12.50" in value for value in values)
    assert not any("$" in value for value in unpriced)


def test_a_row_tells_dollars_where_a_tables_patterns_have_prices():
    balance = replace(a_change().balance, net_dollars=3.2, prices_as_of=date(2026, 11, 1))
    priced = a_used_table(a_proposal(a_change(balance=balance)))
    unpriced = a_used_table(a_proposal(a_change()))

    with_prices, without = listed(priced, unpriced), listed(unpriced)

    told = with_prices.formats["dollars"]
    assert [told(amount) for amount in with_prices.table["dollars"]] == ["$3.20", "–"]
    assert "dollars" not in without.table
    assert "dollars" not in without.formats


def test_before_the_first_weighing_there_are_no_figures():
    assert listed(a_used_table(), review=None).figures == ()


def test_an_empty_list_says_why():
    assert listed().empty == NO_TABLES
    assert listed(wanted=TableFilterBy(text="x")).empty == NO_TABLE_MATCH
    assert listed(wanted=TableFilterBy(has_change=True)).empty == NO_TABLE_MATCH


# One table


def test_the_head_tells_the_proposal_and_the_tables_figures():
    head = table_head(a_used_table(a_proposal(a_change())))

    assert head.title == "sales.orders"
    assert [badge.text for badge in head.badges] == [
        "Distribute by order_id",
        "Advisor is silent",
    ]
    figures = {figure.label: figure.value for figure in head.figures}
    assert figures["Time a week"] == "2.0 h"
    assert (figures["Rows"], figures["Skew"], figures["Unsorted"]) == ("618.7 m", "1.0×", "2 %")
    assert "Stats off" not in figures


def test_a_change_shows_its_sql_and_each_patterns_gain_or_loss():
    screen = proposal_screen(a_proposal(a_change(), KEPT), {"f1-a": "Nightly report"})

    change = screen.cards[0]
    assert change.title == "Distribution: EVEN → KEY(order_id)"
    assert change.badges[0].text == "Saves 6.0 min a week net"
    assert change.action_sql.startswith("ALTER TABLE")
    rows = change.effects.to_dict("records")
    assert [row["effect"] for row in rows] == ["+7.0 min", "−60.0 s"]
    assert [row["pattern"] for row in rows] == ["Nightly report", "f1-b"]
    assert [row["basis"] for row in rows] == ["Measured", "Estimated"]
    assert rows[0]["facts"] == "F7, F9"
    assert change.query_hashes == ("f1-a", "f1-b")
    assert screen.assumptions_label == "What the figures take for granted (2)"


def test_bars_go_both_ways_and_are_told_in_words():
    chart = proposal_screen(a_proposal(a_change()), {"f1-a": "Report"}).cards[0].chart

    assert list(chart.points["seconds"]) == [420.0, -60.0]
    assert list(chart.points["kind"]) == ["Saved", "Lost"]
    assert chart.alt == "Seconds a week: Report +7.0 min; f1-b −60.0 s"
    low, high = chart.spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert (low < -60.0, high > 420.0) == (True, True)


def test_patterns_of_one_name_have_a_bar_each():
    chart = (
        proposal_screen(a_proposal(a_change()), {"f1-a": "Same name", "f1-b": "Same name"})
        .cards[0]
        .chart
    )

    assert list(chart.points["pattern"]) == ["Same name", "Same name ·2"]


def test_one_effect_needs_no_chart():
    lone = a_change(balance=Balance(gained_seconds=420.0, gaining_patterns=1, effects=EFFECTS[:1]))

    card = proposal_screen(a_proposal(lone), {}).cards[0]

    assert card.chart is None
    assert len(card.effects) == 1


def test_what_is_kept_shows_what_the_best_other_design_would_do():
    card = proposal_screen(a_proposal(KEPT), {}).cards[0]

    assert card.title == "Sort key: keep sorted by sold_on"
    assert card.badges[0].text == "Keep it as it is"
    assert card.chart_label == "The best of the others, sorted by store_id, would do this:"
    assert len(card.effects) == 2
    assert card.alternatives.to_dict("records") == [
        {"design": "sorted by store_id", "net": "−60.0 s", "saves": "30.0 s", "costs": "90.0 s"}
    ]
    assert card.refused == ("sold_at: its type is not known",)


def test_what_would_only_cost_is_not_drawn():
    useless = replace(KEPT, alternatives=(replace(KEPT.alternatives[0], gained_seconds=0.0),))

    card = proposal_screen(a_proposal(useless), {}).cards[0]

    assert (card.chart_label, card.chart, len(card.effects)) == ("", None, 0)


def test_a_change_tells_dollars_with_their_day():
    balance = replace(a_change().balance, net_dollars=3.2, prices_as_of=date(2026, 11, 1))

    card = proposal_screen(a_proposal(a_change(balance=balance)), {}).cards[0]

    assert "$3.20" in card.badges[0].text
    assert "1 Nov 2026" in card.badges[0].text


def test_each_pattern_gains_or_loses_dollars_where_there_are_prices():
    effects = (
        an_effect("f1-a", 420.0, dollars=4.2),
        an_effect("f1-b", -60.0, dollars=-0.6),
        an_effect("f1-c", 0.1, dollars=0.001),
        an_effect("f1-d", 5.0),
    )
    balance = Balance(gained_seconds=425.1, lost_seconds=60.0, effects=effects)

    priced = proposal_screen(a_proposal(a_change(balance=balance)), {}).cards[0].effects
    unpriced = proposal_screen(a_proposal(a_change()), {}).cards[0].effects

    assert list(priced["dollars"]) == ["+$4.20", "−$0.60", "under $0.01", "–"]
    assert "dollars" not in unpriced


def test_no_amount_is_ever_nothing():
    balance = replace(a_change().balance, net_dollars=0.0, prices_as_of=date(2026, 11, 1))
    free = replace(REVIEW, net_dollars=0.0, prices_as_of=date(2026, 11, 1))

    card = proposal_screen(a_proposal(a_change(balance=balance)), {}).cards[0]
    shown = listed(a_used_table(a_proposal(a_change(balance=balance))), review=free)

    assert card.badges[0].text == "Saves 6.0 min a week net"
    assert not any("$" in figure.value for figure in shown.figures)
    assert "dollars" not in shown.table


def test_contradicted_advice_stands_beside_the_proposal_with_the_reason():
    rival = Rival(
        recommendation_id="r1", query_hash="f1-c", title="Spread it evenly", wants="EVEN",
        standing=Standing.LOSES, sentence="EVEN would cost others more.",
    )  # fmt: skip
    proposal = a_proposal(a_change(rivals=(rival,)))

    (line,) = proposal_screen(proposal, {}).cards[0].rivals

    assert (line.badge.text, line.sentence) == ("Loses", "EVEN would cost others more.")
    assert line.title == "Spread it evenly"
    assert patterns_named(proposal) == ("f1-a", "f1-b", "f1-c")
    assert table_head(a_used_table(proposal)).badges[-1].text == "Contradicts 1 recommendation"


def test_more_effects_than_are_listed_are_counted():
    balance = replace(a_change().balance, gaining_patterns=70)

    card = proposal_screen(a_proposal(a_change(balance=balance)), {}).cards[0]

    assert card.effects_label == "The 2 largest effects of 71"


@pytest.mark.parametrize("count", [15, 60])
def test_a_chart_has_at_most_a_dozen_bars(count):
    effects = tuple(an_effect(f"f1-{number}", 1000.0 - number) for number in range(count))
    balance = Balance(gained_seconds=1.0, gaining_patterns=count, effects=effects)

    card = proposal_screen(a_proposal(a_change(balance=balance)), {}).cards[0]

    assert len(card.chart.points) == 12
    assert len(card.effects) == count


# Who uses it


def a_use(query_hash: str, seconds: float, **changes) -> TableUse:
    known = {
        "table_name": ORDERS,
        "analysis_timestamp": A_MOMENT,
        "window_end": A_MOMENT,
        "window_days": 14.0,
        "runs": 20,
        "is_measured": True,
        "like_runs": 20.0,
    }
    return TableUse(query_hash=query_hash, seconds=seconds, **(known | changes))


def a_join(column: str, partner: str, moving: float) -> TableJoin:
    own, other = (
        JoinEnd(
            arrival=Arrival.SCAN,
            columns=(TableColumn(table_name=name, column_name=column),),
            rows=10,
            table_names=(name,),
        )
        for name in (ORDERS, partner)
    )
    return TableJoin(
        join_id=1, kind=JoinKind.INNER, outer=own, inner=other, moving_seconds=moving,
        join_seconds=40.0, rows_moved=7, movement=Movement.DS_DIST_INNER,
    )  # fmt: skip


def test_readers_are_told_in_seconds_of_a_week():
    scan = TableScan(rows_read=100, rows_kept=5, is_range_restricted=True, seconds=50.0)
    uses = [
        a_use("f1-a", 400.0, scan=scan),
        a_use("f1-b", 10.0, write=WriteKind.COPY, is_measured=False),
    ]

    screen = use_screen(ORDERS, uses, 2, {"f1-a": "Report"})

    rows = screen.readers.to_dict("records")
    assert [row["time"] for row in rows] == [200.0, 5.0]
    assert [row["does"] for row in rows] == ["reads", "loads"]
    assert [row["skips"] for row in rows] == ["yes", "not recorded"]
    assert [row["measured"] for row in rows] == ["Measured", "Estimated"]
    assert screen.reader_formats["kept"](0.05) == "5.0 %"
    assert screen.query_hashes == ("f1-a", "f1-b")


def test_joins_are_summed_by_column_and_partner_the_costliest_first():
    uses = [
        a_use("f1-a", 1.0, joins=(a_join("order_id", "shop.sales.lines", 100.0),)),
        a_use("f1-b", 1.0, joins=(a_join("order_id", "shop.sales.lines", 60.0),)),
        a_use("f1-c", 1.0, joins=(a_join("store_id", "shop.sales.stores", 300.0),)),
    ]

    rows = use_screen(ORDERS, uses, 3, {}).joins.to_dict("records")

    assert [(row["column"], row["partner"], row["moving"], row["patterns"]) for row in rows] == [
        ("store_id", "sales.stores.store_id", 150.0, 1),
        ("order_id", "sales.lines.order_id", 80.0, 2),
    ]


def test_filters_are_summed_by_the_time_of_their_scans():
    def scan(seconds: float) -> TableScan:
        return TableScan(rows_read=100, rows_kept=10, seconds=seconds)

    by_day = TableFilter(column_name="sold_on", kind=FilterKind.RANGE)
    wrapped = TableFilter(column_name="sold_on", kind=FilterKind.WRAPPED)
    uses = [
        a_use("f1-a", 1.0, scan=scan(20.0), filters=(by_day,)),
        a_use("f1-b", 1.0, scan=scan(100.0), filters=(wrapped,)),
        a_use("f1-c", 1.0, scan=scan(200.0), filters=(by_day,)),
    ]

    rows = use_screen(ORDERS, uses, 3, {}).filters.to_dict("records")

    assert [(row["column"], row["kind"], row["time"], row["order"]) for row in rows] == [
        ("sold_on", "range", 110.0, "can be used"),
        ("sold_on", "in a function", 50.0, "is no help"),
    ]
    assert rows[0]["kept"] == pytest.approx(0.1)


def test_it_is_said_when_not_all_patterns_are_shown():
    assert (
        "the 1 heaviest of 250 patterns"
        in use_screen(ORDERS, [a_use("f1-a", 1.0)], 250, {}).caption
    )
