"""The leading sort column, by the time that patterns spend on scanning."""

from dataclasses import replace

import pytest

from backend.domain.plan import Movement
from backend.domain.table_proposal import Aspect
from tests.unit.table_design.builder import (
    MILLION,
    a_join,
    a_table,
    a_use,
    decision,
    joined,
    proposal_for,
    proposed,
    scanning,
)

TYPES = {"sold_on": "date", "store_id": "int", "customer_id": "int", "payload": "super"}
SALES = a_table("sales", columns=TYPES)
BY_STORE = a_table("sales", columns=TYPES, sorted_by=("store_id",))
SCANNED = 100 * MILLION


def reading(pattern: str, seconds: float, kept: int = MILLION, **changes):
    """A scan of all rows."""
    return scanning(pattern, "sales", seconds=seconds, read=SCANNED, kept=kept, **changes)


def restricted(pattern: str, seconds: float, **changes):
    """A scan that skips blocks by the present key: it reads a hundredth."""
    return scanning(
        pattern, "sales", seconds=seconds, read=MILLION, kept=MILLION, restricted=True, **changes
    )


def sort_key(uses, table=SALES):
    return decision(proposed(uses, [table]), "sales", Aspect.SORT_KEY)


@pytest.mark.parametrize("kind", ["range", "equality", "list"])
def test_a_filter_that_keeps_few_rows_makes_a_sort_key(kind):
    own = sort_key([reading("report", 1000, filters={"sold_on": kind})])

    assert (own.proposed, own.action_sql) == (
        "sorted by sold_on",
        "ALTER TABLE sales.sales ALTER COMPOUND SORTKEY (sold_on);",
    )
    # Half of the time is reading, of which a hundredth is left.
    assert own.balance.net_seconds == pytest.approx(1000 * 0.5 * 0.99)
    assert own.balance.effects[0].reason == (
        "filters sold_on, so that it reads about 1 % of what it reads today"
    )
    assert "it has no sort key so far" in own.reason


@pytest.mark.parametrize("kind", ["wrapped", "other"])
def test_a_filter_that_no_order_serves_makes_none(kind):
    own = sort_key([reading("report", 1000, filters={"sold_on": kind})])

    assert (own.is_change, own.reason) == (
        False,
        "No other column is filtered by what reads it.",
    )


def test_the_column_with_the_most_scan_time_leads():
    own = sort_key(
        [
            reading("one", 700, filters={"store_id": "equality"}),
            reading("two", 800, filters={"sold_on": "range"}),
            reading("three", 200, filters={"store_id": "equality"}),
        ]
    )

    assert own.proposed == "sorted by store_id"
    assert own.alternatives[0].design == "sorted by sold_on"


def test_a_filter_that_keeps_nearly_all_rows_is_worth_little():
    own = sort_key(
        [
            reading("wide", 2000, kept=95 * MILLION, filters={"store_id": "range"}),
            reading("narrow", 400, filters={"sold_on": "range"}),
        ]
    )

    assert own.proposed == "sorted by sold_on"


def test_filters_of_one_scan_share_what_they_keep():
    own = sort_key([reading("report", 1000, filters={"sold_on": "range", "store_id": "equality"})])

    # A hundredth by both, so a tenth by each.
    assert own.balance.net_seconds == pytest.approx(1000 * 0.5 * 0.9)


def test_who_skips_blocks_by_the_present_key_loses_with_it():
    uses = [
        restricted("tile", 40, filters={"store_id": "equality"}),
        reading("report", 1000, filters={"sold_on": "range"}),
    ]

    own = sort_key(uses, BY_STORE)

    # The tile would read a hundred times as much: 99 x half of its 40 s.
    assert own.is_change is False
    assert (own.alternatives[0].gained_seconds, own.alternatives[0].lost_seconds) == (
        pytest.approx(495),
        pytest.approx(99 * 20),
    )
    assert own.reason.startswith(
        "Even the best of the others, sorted by sold_on, would cost 33 min"
    )


def test_a_change_is_proposed_in_spite_of_a_small_loser():
    uses = [
        restricted("tile", 4, filters={"store_id": "equality"}),
        reading("report", 1000, filters={"sold_on": "range"}),
    ]

    own = sort_key(uses, BY_STORE)

    assert own.proposed == "sorted by sold_on"
    losers = {each.query_hash: each.reason for each in own.balance.effects if each.seconds < 0}
    assert losers == {"tile": "filters store_id, by which it reads only 1 million rows today"}
    assert own.reason == (
        "1 pattern saves 8.2 min a week, 1 loses 3.3 min a week by sold_on as the leading sort"
        " column; so far it is sorted by store_id."
    )


def test_a_merge_join_on_the_present_key_loses_with_it():
    table = a_table("sales", "KEY(customer_id)", columns=TYPES, sorted_by=("customer_id",))
    merge = a_join(
        "sales.customer_id", "customers.customer_id", movement=Movement.DS_DIST_NONE,
        is_merge=True, join_seconds=2000,
    )  # fmt: skip
    uses = [*joined("match", merge), reading("report", 1000, filters={"sold_on": "range"})]

    own = sort_key(uses, table)

    assert own.is_change is False
    assert own.alternatives[0].lost_seconds == pytest.approx(1000)


def test_a_small_table_gets_no_sort_key():
    own = sort_key(
        [reading("report", 1000, filters={"sold_on": "range"})],
        replace(SALES, row_count=5 * MILLION),
    )

    assert own.is_change is False
    assert own.reason == (
        "A table of 5 million rows is read as fast without an order (threshold 5 million)."
    )


def test_rows_out_of_order_are_a_matter_of_vacuum_not_of_the_key():
    """What the present key would serve if the rows were in order counts for it."""
    unsorted = replace(BY_STORE, unsorted_percent=80.0, vacuum_sort_benefit_percent=45.0)
    uses = [
        reading("tile", 1000, restricted=False, filters={"store_id": "equality"}),
        reading("report", 600, filters={"sold_on": "range"}),
    ]

    own = sort_key(uses, unsorted)
    in_order = sort_key(uses, replace(BY_STORE, vacuum_sort_benefit_percent=0.0))

    assert own.is_change is False
    assert "VACUUM SORT ONLY helps (vacuum_sort_benefit 45 %)" in own.reason
    assert in_order.proposed == "sorted by sold_on"


def test_of_an_automatic_key_it_is_said_that_redshift_decides():
    automatic = replace(SALES, first_sort_key="AUTO(SORTKEY)")

    own = sort_key([reading("report", 1000, filters={"sold_on": "range"})], automatic)

    assert own.is_left_to_redshift
    assert "Redshift decides, and may still come to this by itself" in own.reason


def test_an_interleaved_key_is_discouraged_where_one_column_serves_better():
    interleaved = replace(
        a_table("sales", columns=TYPES, sorted_by=("store_id", "customer_id")),
        first_sort_key="INTERLEAVED",
    )
    uses = [reading("report", 1000, restricted=False, filters={"sold_on": "range"})]

    own = sort_key(uses, interleaved)

    assert own.proposed == "sorted by sold_on"
    assert "AWS discourages it for dates and rising numbers" in own.reason


def test_a_column_that_cannot_be_sorted_is_none():
    own = sort_key([reading("report", 1000, filters={"payload": "equality"})])

    assert own.is_change is False


def test_a_scan_without_recorded_rows_says_nothing():
    use = a_use("report", "sales", filters={"sold_on": "range"})

    assert sort_key([use]).is_change is False


def test_what_the_model_takes_for_granted_is_told():
    result = proposed([reading("report", 1000, filters={"sold_on": "range"})], [SALES])

    told = " ".join(proposal_for(result, "sales").assumptions)
    assert "Reading takes 50 % of a segment that scans" in told
