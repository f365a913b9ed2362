"""One consistent design for all tables: who gains, who loses, and when nothing is to be changed."""

from dataclasses import replace

import pytest

from backend.domain.plan import Movement
from backend.domain.table_proposal import Aspect
from backend.domain.table_use import JoinKind, WriteKind
from backend.domain.threshold import Limits
from backend.table_design.propose import propose_designs
from tests.unit.table_design.builder import (
    AT,
    MILLION,
    a_join,
    a_table,
    a_use,
    days_ago,
    decision,
    joined,
    key,
    proposal_for,
    proposed,
    scanning,
    writing,
)

ORDERS = a_table("orders", "KEY(order_id)")
LINES = a_table("lines", "EVEN")


def moving(seconds: float, **changes):
    """Orders and lines, of which the lines are sent."""
    changes = {"movement": Movement.DS_DIST_INNER} | changes
    return a_join("orders.order_id", "lines.order_id", moving=seconds, **changes)


def test_a_join_that_moves_rows_saves_half_the_time_of_what_moves():
    result = proposed(joined("report", moving(800)), [ORDERS, LINES])

    lines = decision(result, "lines")
    assert (lines.proposed, lines.is_change) == ("KEY(order_id)", True)
    assert lines.action_sql == ("ALTER TABLE sales.lines ALTER DISTSTYLE KEY DISTKEY order_id;")
    (effect,) = lines.balance.effects
    assert (effect.query_hash, effect.seconds, effect.is_measured) == ("report", 400, True)
    assert effect.fact_ids == ("F7",)
    assert effect.reason == (
        "its join with sales.orders on order_id no longer moves 10 million rows a run"
    )
    assert decision(result, "orders").is_change is False


def test_what_was_collocated_and_no_longer_would_be_is_a_loss():
    tables = [
        ORDERS,
        a_table("payments", "KEY(payment_id)", columns={"payment_id": "int", "order_id": "int"}),
        a_table("events", "KEY(payment_id)", columns={"payment_id": "int"}),
    ]
    with_orders = a_join(
        "orders.order_id", "payments.order_id", moving=800, movement=Movement.DS_DIST_INNER
    )
    with_events = a_join(
        "payments.payment_id",
        "events.payment_id",
        movement=Movement.DS_DIST_NONE,
        rows=(10 * MILLION, MILLION),
    )

    result = proposed([*joined("report", with_orders), *joined("steps", with_events)], tables)

    payments = decision(result, "payments")
    # 10 million rows a run took 400 s in 70 runs, so a tenth of the rows costs a tenth; of the
    # two sides the smaller is sent to the nodes.
    assert payments.proposed == "KEY(order_id)"
    by_pattern = {each.query_hash: each for each in payments.balance.effects}
    assert by_pattern["report"].seconds == pytest.approx(400)
    assert by_pattern["steps"].seconds == pytest.approx(-4 * 40)  # broadcast to four nodes
    assert by_pattern["steps"].is_measured is False
    assert "would move 4 million rows a run" in by_pattern["steps"].reason
    assert payments.balance.net_seconds == pytest.approx(400 - 160)
    assert (payments.balance.gaining_patterns, payments.balance.losing_patterns) == (1, 1)
    assert payments.reason == "1 pattern saves 6.7 min a week, 1 loses 2.7 min a week."


def test_the_present_design_stays_where_others_would_lose_more():
    tables = [
        ORDERS,
        a_table("payments", "KEY(payment_id)", columns={"payment_id": "int", "order_id": "int"}),
        a_table("events", "KEY(payment_id)", columns={"payment_id": "int"}),
    ]
    with_orders = a_join(
        "orders.order_id", "payments.order_id", moving=800, movement=Movement.DS_DIST_INNER
    )
    with_events = a_join(
        "payments.payment_id",
        "events.payment_id",
        movement=Movement.DS_DIST_NONE,
        rows=(20 * MILLION, 20 * MILLION),
    )

    result = proposed([*joined("report", with_orders), *joined("steps", with_events)], tables)

    payments = decision(result, "payments")
    assert (payments.is_change, payments.proposed) == (False, "KEY(payment_id)")
    best = payments.alternatives[0]
    assert (best.design, best.gained_seconds) == ("KEY(order_id)", pytest.approx(400))
    assert best.lost_seconds == pytest.approx(800)
    assert payments.reason.startswith("Even the best of the others, KEY(order_id), would cost")
    assert proposal_for(result, "payments").headline == "Keep"


def collocated_with(table: str, column: str, other: str, million: int):
    """A join that moves nothing, and would cost as many seconds for each million rows."""
    return a_join(
        f"{table}.{column}",
        f"{other}.{column}",
        movement=Movement.DS_DIST_NONE,
        rows=(million * MILLION, million * MILLION),
        join_id=9,
    )


def test_two_tables_change_together_where_one_alone_is_not_worth_it():
    tables = [
        a_table("lines", "KEY(customer_id)"),
        a_table("customers", "KEY(customer_id)"),
        a_table("returns", "EVEN"),
    ]
    sent = a_join(
        "lines.order_id",
        "returns.order_id",
        moving=1000,
        movement=Movement.DS_BCAST_INNER,
        rows=(200 * MILLION, 5 * MILLION),
    )
    # 20 million rows sent cost 500 s, so 14 million cost 350 s: more than three quarters of the
    # broadcast, which lines alone would save, are hardly worth that.
    still = collocated_with("lines", "customer_id", "customers", 14)

    result = proposed([*joined("report", sent), *joined("other", still)], tables)

    for name, other in (("lines", "sales.returns"), ("returns", "sales.lines")):
        own = decision(result, name)
        assert (own.proposed, own.together_with) == ("KEY(order_id)", (other,))
        assert f"counts on the change of {other}" in own.reason
    assert result.total.net_seconds == pytest.approx(500 - 350)


def test_all_tables_of_a_key_change_together_where_no_two_are_worth_it():
    tables = [
        a_table("lines", "KEY(customer_id)"),
        a_table("customers", "KEY(customer_id)"),
        a_table("returns", "EVEN"),
        a_table("refunds", "EVEN"),
    ]
    sent = [
        a_join(
            "lines.order_id",
            f"{inner}.order_id",
            moving=2000,
            movement=Movement.DS_BCAST_INNER,
            rows=(200 * MILLION, 5 * MILLION),
        )
        for inner in ("returns", "refunds")
    ]
    still = collocated_with("lines", "customer_id", "customers", 34)
    uses = [
        *joined("returned", sent[0]),
        *joined("refunded", sent[1]),
        *joined("other", still),
    ]

    result = proposed(uses, tables)

    changed = ("lines", "returns", "refunds")
    assert [decision(result, name).proposed for name in changed] == ["KEY(order_id)"] * 3
    assert result.total.net_seconds == pytest.approx(2000 - 1700)


def test_of_two_ways_the_smaller_table_is_rewritten():
    """A copy of the stores saves as much as the sales by store, of which there are more rows."""
    stores = a_table("stores", "KEY(store_id)", rows=40_000, columns={"store_id": "int"})
    sales = a_table("sales", "EVEN", columns={"store_id": "int"})
    join = a_join(
        "sales.store_id", "stores.store_id", moving=400, movement=Movement.DS_BCAST_INNER,
        rows=(100 * MILLION, 40_000),
    )  # fmt: skip

    result = proposed(joined("report", join), [sales, stores])

    assert (decision(result, "stores").proposed, decision(result, "sales").proposed) == (
        "ALL",
        "EVEN",
    )


def test_no_change_is_proposed_for_less_than_a_minute_a_week():
    result = proposed(joined("report", moving(118)), [ORDERS, LINES])

    lines = decision(result, "lines")
    assert lines.is_change is False
    assert lines.reason == (
        "The best of the others, KEY(order_id), would save 59 s a week, less than a change of this"
        " table has to (60 s)."
    )
    assert decision(proposed(joined("report", moving(122)), [ORDERS, LINES]), "lines").is_change


def test_the_least_saving_is_configurable():
    limits = Limits((("table_change_seconds_a_week", 30.0),))

    result = proposed(joined("report", moving(118)), [ORDERS, LINES], limits=limits)

    assert decision(result, "lines").is_change


def test_a_busy_table_has_to_save_a_part_of_its_time():
    uses = joined("report", moving(800), seconds=50_000.0)

    result = proposed(uses, [ORDERS, LINES])

    assert decision(result, "lines").is_change is False
    assert "(17 min)" in decision(result, "lines").reason


@pytest.mark.parametrize(
    ("data_type", "told"),
    [
        ("date", "order_id: date values would gather on few slices"),
        ("timestamp without time zone", "would gather on few slices"),
        ("boolean", "would gather on few slices"),
    ],
)
def test_no_table_is_distributed_by_what_gathers_rows(data_type, told):
    lines = a_table("lines", columns={"order_id": data_type})

    result = proposed(joined("report", moving(800)), [ORDERS, lines])

    own = decision(result, "lines")
    assert own.is_change is False
    assert told in own.refused[0]


def test_no_table_is_distributed_by_a_column_of_few_values():
    stores = a_table("stores", "KEY(store_id)", rows=500, columns={"store_id": "int"})
    lines = a_table("lines", columns={"store_id": "int"})
    join = a_join(
        "lines.store_id",
        "stores.store_id",
        moving=9000,
        movement=Movement.DS_BCAST_INNER,
        rows=(50 * MILLION, 500),
        rows_out=50 * MILLION,
    )

    result = proposed(joined("report", join), [stores, lines])

    own = decision(result, "lines")
    assert own.refused == (
        "store_id: every row has its partner in sales.stores, so it has at most 500 values"
        " (threshold 10,000)",
    )
    assert own.is_change is False
    assert decision(result, "stores").proposed == "ALL"


def test_a_key_whose_type_is_not_known_is_not_proposed():
    lines = a_table("lines", columns={"other": "int"})

    result = proposed(joined("report", moving(800)), [ORDERS, lines])

    assert decision(result, "lines").refused == ("order_id: its type is not known",)


def test_an_interleaved_table_is_not_distributed_anew():
    lines = a_table("lines", first_sort_key="INTERLEAVED")

    result = proposed(joined("report", moving(800)), [ORDERS, lines])

    own = decision(result, "lines")
    assert own.is_change is False
    assert "interleaved sort key cannot be distributed anew" in own.refused[0]


def test_of_an_automatic_table_it_is_said_that_redshift_decides():
    lines = a_table("lines", "AUTO(EVEN)")

    result = proposed(joined("report", moving(800)), [ORDERS, lines])

    own = decision(result, "lines")
    assert own.is_left_to_redshift
    assert "Redshift decides, and may still come to this by itself" in own.reason
    assert any("ends DISTSTYLE AUTO" in each for each in proposal_for(result, "lines").cautions)


def test_an_automatic_table_that_lies_well_is_left_to_redshift():
    lines = a_table("lines", "AUTO(KEY(order_id))")
    still = a_join("orders.order_id", "lines.order_id", movement=Movement.DS_DIST_NONE)

    result = proposed(joined("report", still), [ORDERS, lines])

    own = decision(result, "lines")
    assert own.is_change is False
    assert own.reason.endswith("It is left to Redshift (DISTSTYLE AUTO).")


SMALL = a_table("stores", "KEY(store_id)", rows=5_000, columns={"store_id": "int"})
SALES = a_table("sales", "KEY(order_id)", columns={"store_id": "int", "order_id": "int"})
BROADCAST = a_join(
    "sales.store_id", "stores.store_id", moving=400, movement=Movement.DS_BCAST_INNER,
    rows=(10 * MILLION, 5_000), rows_out=10 * MILLION,
)  # fmt: skip


def test_a_small_table_that_changes_slowly_is_copied_to_every_node():
    uses = [*joined("report", BROADCAST), writing("load", "stores", seconds=10, runs=7)]

    result = proposed(uses, [SALES, SMALL])

    stores = decision(result, "stores")
    assert (stores.proposed, stores.action_sql) == (
        "ALL",
        "ALTER TABLE sales.stores ALTER DISTSTYLE ALL;",
    )
    effects = {each.query_hash: each for each in stores.balance.effects}
    assert effects["report"].seconds == pytest.approx(200)
    assert effects["load"].seconds == pytest.approx(-30)
    assert effects["load"].reason == "writes 4 copies instead of one"
    assert any("more storage" in each for each in proposal_for(result, "stores").cautions)


def test_nodes_that_are_known_count_instead_of_four():
    uses = [*joined("report", BROADCAST), writing("load", "stores", seconds=10, runs=7)]

    result = proposed(uses, [SALES, SMALL], nodes=2)

    effects = {each.query_hash: each for each in decision(result, "stores").balance.effects}
    assert effects["load"].seconds == pytest.approx(-10)
    told = " ".join(proposal_for(result, "stores").assumptions)
    assert "a broadcast row counts 2 times, as the prices name so many nodes" in told


def test_copies_are_not_worth_it_where_writing_them_costs_more():
    uses = [*joined("report", BROADCAST), writing("load", "stores", seconds=50, runs=7)]

    result = proposed(uses, [SALES, SMALL])

    assert decision(result, "stores").proposed != "ALL"
    (copies,) = [each for each in decision(result, "stores").alternatives if each.design == "ALL"]
    assert copies.lost_seconds == pytest.approx(150)


def test_a_table_that_is_written_often_is_not_copied():
    uses = [*joined("report", BROADCAST), writing("load", "stores", seconds=1, runs=7 * 30)]

    result = proposed(uses, [SALES, SMALL])

    stores = decision(result, "stores")
    assert "ALL: it is written 30 times a day (threshold 24)" in stores.refused
    assert stores.proposed != "ALL"


def test_what_makes_a_table_anew_writes_it_as_it_likes():
    uses = [
        *joined("report", BROADCAST),
        a_use("model", "stores", write=WriteKind.CREATE, runs=7 * 30),
    ]

    result = proposed(uses, [SALES, SMALL])

    assert decision(result, "stores").proposed == "ALL"
    assert any(
        each.startswith("model makes the table anew: change the design in that statement")
        for each in proposal_for(result, "stores").cautions
    )


def test_a_large_table_is_never_copied():
    large = replace(SMALL, row_count=5 * MILLION + 1)

    result = proposed(joined("report", BROADCAST), [SALES, large])

    stores = decision(result, "stores")
    assert "ALL" not in {stores.proposed, *(each.design for each in stores.alternatives)}


def test_a_skewed_table_is_spread_evenly_where_no_join_needs_its_key():
    sales = a_table("sales", "KEY(store_id)", columns={"store_id": "int"}, row_skew_ratio=9.0)
    use = scanning("report", "sales", seconds=1000, read=100, kept=100)
    use = replace(use, scan=replace(use.scan, skewed_seconds=500.0))

    own = decision(proposed([use], [sales]), "sales")
    evenly = decision(proposed([use], [replace(sales, row_skew_ratio=3.9)]), "sales")

    assert (own.proposed, own.balance.net_seconds) == ("EVEN", pytest.approx(200))
    assert own.look_first_sql is None
    assert evenly.is_change is False


def test_a_new_key_comes_with_the_statement_that_counts_its_values():
    own = decision(proposed(joined("report", moving(800)), [ORDERS, LINES]), "lines")

    assert own.look_first_sql == (
        "SELECT order_id, COUNT(*) AS row_count FROM sales.lines GROUP BY order_id"
        " ORDER BY row_count DESC LIMIT 20;"
    )


def test_a_merge_join_loses_its_order_with_its_key():
    still = a_join(
        "orders.order_id",
        "lines.order_id",
        movement=Movement.DS_DIST_NONE,
        is_merge=True,
        join_seconds=600,
    )
    lines = a_table("lines", "KEY(order_id)")

    result = proposed(joined("report", still), [ORDERS, lines])

    evenly = next(each for each in decision(result, "lines").alternatives if each.design == "EVEN")
    rows = 10 * MILLION * 70 / MILLION  # at the stated million rows a second
    assert evenly.lost_seconds == pytest.approx(rows + 300)


def test_without_a_measured_move_a_million_rows_a_second_are_taken():
    still = a_join("orders.order_id", "lines.order_id", movement=Movement.DS_DIST_NONE)

    result = proposed(joined("report", still), [ORDERS, a_table("lines", "KEY(order_id)")])

    told = " ".join(proposal_for(result, "lines").assumptions)
    assert "costs a second for each 1 million rows (taken, not measured)" in told


def test_rows_cost_what_the_measured_moves_took():
    still = a_join(
        "orders.order_id", "lines.order_id", movement=Movement.DS_DIST_NONE, rows=(MILLION, MILLION)
    )
    other = a_join(
        "a.order_id", "b.order_id", moving=1400, movement=Movement.DS_DIST_BOTH,
        rows=(5 * MILLION, 5 * MILLION),
    )  # fmt: skip
    uses = [*joined("still", still), *joined("other", other)]
    tables = [ORDERS, a_table("lines", "KEY(order_id)"), a_table("a"), a_table("b")]

    result = proposed(uses, tables)

    evenly = next(each for each in decision(result, "lines").alternatives if each.design == "EVEN")
    assert evenly.lost_seconds == pytest.approx(70 * MILLION * 700 / (10 * MILLION * 70))
    told = " ".join(proposal_for(result, "lines").assumptions)
    assert "1 million rows (as all measured moves together took)" in told


def test_a_plan_that_contradicts_the_present_design_counts_for_nothing():
    moved = a_join("orders.order_id", "lines.order_id", moving=5000, movement=Movement.DS_DIST_BOTH)
    lines = a_table("lines", "KEY(order_id)")

    result = proposed(joined("report", moved), [ORDERS, lines])

    assert result.total.net_seconds == 0
    told = " ".join(proposal_for(result, "lines").assumptions)
    assert "1 join of the plans counted for nothing" in told


def test_an_outer_join_cannot_broadcast_the_rows_that_it_keeps():
    """A FULL JOIN keeps the rows of both sides, so copies of one would each be kept."""
    join = moving(2000, movement=Movement.DS_DIST_BOTH, kind=JoinKind.FULL)
    small = a_table("lines", "EVEN", rows=100_000)

    result = proposed(joined("report", join), [a_table("orders", "EVEN"), small])

    assert decision(result, "lines").proposed == "KEY(order_id)"


def test_what_was_reviewed_long_ago_is_not_weighed():
    old = [replace(use, window_end=days_ago(40)) for use in joined("gone", moving(8000))]
    fresh = a_use("report", "lines")

    result = proposed([*old, fresh], [ORDERS, LINES])

    assert result.old_uses == 2
    assert result.total.net_seconds == 0


def test_dollars_come_with_prices_only():
    plain = proposed(joined("report", moving(800)), [ORDERS, LINES])
    priced = proposed(
        joined("report", moving(800), dollars_a_second=0.01, prices_as_of=AT.date()),
        [ORDERS, LINES],
    )

    assert decision(plain, "lines").balance.net_dollars is None
    assert proposal_for(plain, "lines").net_dollars is None
    balance = decision(priced, "lines").balance
    assert (balance.net_dollars, balance.prices_as_of) == (pytest.approx(4.0), AT.date())


def test_a_sum_of_which_one_part_has_no_price_is_no_amount():
    other = a_join("orders.order_id", "lines.order_id", moving=400, movement=Movement.DS_DIST_INNER)
    uses = [
        *joined("priced", moving(800), dollars_a_second=0.01, prices_as_of=AT.date()),
        *joined("unpriced", other),
    ]

    balance = decision(proposed(uses, [ORDERS, LINES]), "lines").balance

    assert (balance.net_seconds, balance.net_dollars) == (pytest.approx(600), None)


@pytest.mark.parametrize(
    ("unread", "write", "is_told"),
    [(True, WriteKind.MERGE, True), (False, WriteKind.MERGE, False), (True, None, False)],
    ids=["unread", "not said to be unread", "read since"],
)
def test_to_change_a_table_that_nobody_reads_is_set_against_dropping_it(unread, write, is_told):
    uses = joined("merge", moving(800), write=write)

    result = proposed(uses, [ORDERS, LINES], unread={key("lines")} if unread else set())

    assert decision(result, "lines").is_change
    told = [each for each in proposal_for(result, "lines").cautions if "nobody reads" in each]
    assert bool(told) is is_told
    assert all("would save all the 17 min a week" in each for each in told)


def test_a_change_tells_what_rewriting_the_table_takes():
    (caution, *_) = proposal_for(
        proposed(joined("report", moving(800)), [ORDERS, LINES]), "lines"
    ).cautions

    assert caution == (
        "ALTER TABLE rewrites its 1 GB and locks it meanwhile: run it when the load is light."
        " No VACUUM can run on the table at the same time."
    )


def test_a_table_without_known_design_gets_no_proposal():
    unknown = a_table("lines", "")

    result = proposed(joined("report", moving(800)), [ORDERS, unknown])

    assert [each.table_name for each in result.proposals] == [key("orders")]


def test_encodings_are_left_to_redshift_where_many_columns_are_raw():
    lines = a_table(
        "lines", "EVEN", raw=("order_id", "customer_id"), columns=dict.fromkeys("abc", "int")
        | {"order_id": "int", "customer_id": "int"},
    )  # fmt: skip
    use = scanning("report", "lines", seconds=3000, read=10, kept=10)

    own = decision(proposed([use], [lines]), "lines", Aspect.ENCODING)

    assert (own.proposed, own.action_sql) == (
        "AUTO",
        "ALTER TABLE sales.lines ALTER ENCODE AUTO;",
    )
    # Two of five columns raw, 30 % of reading them, which is half of the scans' time.
    assert own.balance.net_seconds == pytest.approx(3000 * 0.5 * 0.3 * 0.4)
    assert own.balance.effects[0].is_measured is False
    assert "60 % of its columns encoded (threshold 80 %)" in own.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 4 * MILLION},
        {"encoded": "Y, AUTO(ENCODE)"},
        {"first_sort_key": "INTERLEAVED"},
        {"raw": ()},
    ],
    ids=["small", "already automatic", "interleaved", "encoded"],
)
def test_encodings_stay_where_a_change_is_not_needed_or_not_possible(changes):
    lines = a_table("lines", "EVEN", **({"raw": ("order_id", "customer_id")} | changes))
    use = scanning("report", "lines", seconds=30_000, read=10, kept=10)

    aspects = [each.aspect for each in proposal_for(proposed([use], [lines]), "lines").decisions]

    assert Aspect.ENCODING not in aspects


def test_the_table_behind_a_materialized_view_is_not_altered():
    behind = a_table(
        "mv_tbl__daily_lines__0", "EVEN", raw=("order_id", "customer_id"),
        columns={"order_id": "bigint", "customer_id": "bigint", "sold_on": "date"},
    )  # fmt: skip
    join = a_join(
        "orders.order_id", "mv_tbl__daily_lines__0.order_id", moving=8000,
        movement=Movement.DS_DIST_INNER,
    )  # fmt: skip
    uses = [
        *joined("report", join),
        scanning("tile", "mv_tbl__daily_lines__0", seconds=9000, read=100 * MILLION, kept=10,
                 filters={"sold_on": "range"}),
    ]  # fmt: skip

    result = proposed(uses, [ORDERS, behind])

    proposal = proposal_for(result, "mv_tbl__daily_lines__0")
    assert proposal.changes == ()
    for own in proposal.decisions:
        assert "set by CREATE MATERIALIZED VIEW" in own.reason
        assert "materialized view daily_lines" in own.reason


def test_nothing_is_proposed_for_nothing():
    result = propose_designs([], [ORDERS], at=AT)

    assert (result.proposals, result.total.net_seconds) == ((), 0)
