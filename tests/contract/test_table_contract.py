"""What patterns do with tables, and what is proposed for them, over every history store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.domain.errors import BadCursorError, UnknownTableError
from backend.domain.recommendation import (
    AcrossPatterns,
    RecommendationFilter,
    Standing,
)
from backend.domain.table_proposal import (
    Aspect,
    Balance,
    Decision,
    TableFilterBy,
    TableProposal,
    TablesReview,
)
from backend.domain.table_use import (
    AdvisedTable,
    Arrival,
    FilterKind,
    JoinEnd,
    JoinKind,
    TableColumn,
    TableFilter,
    TableJoin,
    TableScan,
    TableUse,
)
from backend.services.ports import HistoryStore
from tests.builders import A_MOMENT, a_hash, a_recommendation, a_review, a_table

ONE, TWO, THREE = a_hash(1), a_hash(2), a_hash(3)
LATER = A_MOMENT + timedelta(days=1)
ORDERS, LINES = "shop.sales.orders", "shop.sales.lines"
ALL_TABLES = TableFilterBy()


def a_use(query_hash: str, table_name: str, seconds: float = 70.0, **changes) -> TableUse:
    known = {
        "analysis_timestamp": A_MOMENT,
        "window_end": A_MOMENT,
        "window_days": 7.0,
        "runs": 10,
        "seconds": seconds,
        "is_measured": True,
        "like_runs": 10.0,
    }
    return TableUse(query_hash=query_hash, table_name=table_name, **(known | changes))


def reviewed(
    history: HistoryStore, query_hash: str, *uses: TableUse, at=A_MOMENT, **changes
) -> None:
    own = tuple(replace(use, analysis_timestamp=at) for use in uses)
    history.put_review(a_review(query_hash, at, table_uses=own, **changes))


def a_proposal(table_name: str, *, is_change: bool = True) -> TableProposal:
    return TableProposal(
        table_name=table_name,
        analysis_timestamp=LATER,
        decisions=(
            Decision(
                aspect=Aspect.DISTRIBUTION,
                present="EVEN",
                proposed="KEY(order_id)" if is_change else "EVEN",
                is_change=is_change,
                reason="It saves.",
                balance=Balance(gained_seconds=100.0, gaining_patterns=1),
            ),
        ),
        headline="Distribute by order_id" if is_change else "Keep",
    )


def a_tables_review(**changes) -> TablesReview:
    known = {
        "analysis_timestamp": LATER,
        "tables": 2,
        "changes": 1,
        "patterns": 1,
        "net_seconds": 100.0,
        "contradictions": 0,
        "agreements": 0,
        "disagreements": 0,
    }
    return TablesReview(**(known | changes))


def names(history: HistoryStore, wanted: TableFilterBy = ALL_TABLES) -> list[str]:
    return [table.table_name for table in history.used_tables(wanted).items]


def sums(history: HistoryStore) -> dict[str, tuple[float, int]]:
    found = history.used_tables(ALL_TABLES, limit=1000).items
    return {table.table_name: (table.seconds_a_week, table.patterns) for table in found}


def test_a_use_comes_back_as_it_was_put(history):
    end = JoinEnd(
        arrival=Arrival.SCAN,
        columns=(TableColumn(table_name=ORDERS, column_name="order_id"), None),
        rows=5,
        table_names=(ORDERS,),
    )
    use = a_use(
        ONE,
        ORDERS,
        scan=TableScan(rows_read=10, rows_kept=1, is_range_restricted=True, seconds=3.0),
        filters=(TableFilter(column_name="sold_on", kind=FilterKind.RANGE),),
        joins=(TableJoin(join_id=3, kind=JoinKind.LEFT, outer=end, inner=end, rows_moved=9),),
        grouped_by=("store_id",),
        dollars_a_second=0.25,
        fact_ids=("F3",),
    )

    reviewed(history, ONE, use)

    assert list(history.each_table_use()) == [use]
    assert history.table_uses_of(ORDERS.upper()).items == (use,)


def test_a_newer_review_replaces_the_uses_of_its_pattern(history):
    reviewed(history, ONE, a_use(ONE, ORDERS, 70.0), a_use(ONE, LINES, 10.0))
    reviewed(history, TWO, a_use(TWO, ORDERS, 5.0))

    reviewed(history, ONE, a_use(ONE, ORDERS, 30.0), at=LATER)

    assert sums(history) == {ORDERS: (35.0, 2)}
    assert [use.seconds for use in history.each_table_use()] == [30.0, 5.0]


def test_an_older_review_that_arrives_late_changes_no_use(history):
    reviewed(history, ONE, a_use(ONE, ORDERS, 70.0), at=LATER)

    reviewed(history, ONE, a_use(ONE, LINES, 99.0), at=A_MOMENT)

    assert sums(history) == {ORDERS: (70.0, 1)}


def test_the_same_review_twice_counts_once(history):
    for _ in range(2):
        reviewed(history, ONE, a_use(ONE, ORDERS, 70.0))

    assert sums(history) == {ORDERS: (70.0, 1)}


def test_a_review_without_uses_takes_the_pattern_off_its_tables(history):
    reviewed(history, ONE, a_use(ONE, ORDERS))

    reviewed(history, ONE, at=LATER)

    assert names(history) == []
    assert list(history.each_table_use()) == []
    with pytest.raises(UnknownTableError):
        history.used_table(ORDERS)


def test_tables_come_by_the_time_that_stands_on_them_page_by_page(history):
    for number in range(30):
        table = f"shop.sales.t{number:02d}"
        reviewed(history, a_hash(number), a_use(a_hash(number), table, float(number // 3 + 1)))

    seen, cursor = [], None
    while True:
        page = history.used_tables(ALL_TABLES, limit=7, cursor=cursor)
        seen += [(table.seconds_a_week, table.table_name) for table in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        assert len(page.items) == 7

    assert seen == sorted(seen, key=lambda each: (-each[0], each[1]))
    assert len(seen) == history.used_table_count(ALL_TABLES) == 30


def test_uses_of_a_table_come_heaviest_first_page_by_page(history):
    for number in range(9):
        use = a_use(a_hash(number), ORDERS, float(number // 3 + 1))
        reviewed(history, a_hash(number), use, a_use(a_hash(number), LINES, 1.0))

    seen, cursor = [], None
    while True:
        page = history.table_uses_of(ORDERS, limit=4, cursor=cursor)
        seen += [(use.seconds, use.query_hash) for use in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == sorted(seen, key=lambda each: (-each[0], each[1]))
    assert len(seen) == 9


def test_all_uses_are_streamed_whatever_their_number(history):
    for number in range(12):
        own = [a_use(a_hash(number), f"shop.sales.t{table:03d}") for table in range(100)]
        reviewed(history, a_hash(number), *own)

    keys = [(use.query_hash, use.table_name) for use in history.each_table_use()]

    assert len(keys) == len(set(keys)) == 1200
    assert keys == sorted(keys)


def test_a_table_that_no_time_stands_on_is_not_listed(history):
    reviewed(history, ONE, a_use(ONE, ORDERS, 0.0))

    assert names(history) == []
    assert history.used_table_count(ALL_TABLES) == 0
    assert history.used_table(ORDERS).patterns == 1


def test_tables_are_found_by_a_part_of_their_name_in_any_case(history):
    reviewed(history, ONE, a_use(ONE, ORDERS), a_use(ONE, LINES), a_use(ONE, "shop.a%b.c_d"))

    assert names(history, TableFilterBy(text="ORD")) == [ORDERS]
    assert names(history, TableFilterBy(text="%")) == ["shop.a%b.c_d"]
    assert names(history, TableFilterBy(text="c_d")) == ["shop.a%b.c_d"]
    assert names(history, TableFilterBy(text="cxd")) == []


def test_a_cursor_of_another_list_is_refused(history):
    reviewed(history, ONE, a_use(ONE, ORDERS), a_use(ONE, LINES))
    reviewed(history, TWO, a_use(TWO, ORDERS), a_use(TWO, LINES))
    cursor = history.used_tables(ALL_TABLES, limit=1).next_cursor

    with pytest.raises(BadCursorError):
        history.table_uses_of(ORDERS, cursor=cursor)
    with pytest.raises(BadCursorError):
        history.used_tables(ALL_TABLES, cursor="nonsense")


def test_a_list_of_tables_knows_their_figures_and_proposals(history):
    history.put_tables([a_table("sales.orders", row_count=77)])
    reviewed(history, ONE, a_use(ONE, ORDERS), a_use(ONE, LINES))
    history.put_table_proposals([a_proposal(ORDERS)], {}, a_tables_review())

    by_name = {table.table_name: table for table in history.used_tables(ALL_TABLES).items}

    assert by_name[ORDERS].table.row_count == 77
    assert by_name[ORDERS].proposal == a_proposal(ORDERS)
    assert (by_name[LINES].table, by_name[LINES].proposal) == (None, None)
    assert history.used_table(ORDERS) == by_name[ORDERS]


def test_proposals_replace_those_before(history):
    reviewed(history, ONE, a_use(ONE, ORDERS), a_use(ONE, LINES))
    history.put_table_proposals([a_proposal(ORDERS)], {}, a_tables_review(changes=1))
    assert names(history, TableFilterBy(has_change=True)) == [ORDERS]

    history.put_table_proposals(
        [a_proposal(LINES), a_proposal(ORDERS, is_change=False)], {}, a_tables_review(changes=7)
    )

    assert names(history, TableFilterBy(has_change=True)) == [LINES]
    assert history.used_table(ORDERS).proposal.headline == "Keep"
    assert history.tables_review().changes == 7


def test_a_change_is_still_listed_after_the_pattern_was_reviewed_again(history):
    reviewed(history, ONE, a_use(ONE, ORDERS))
    history.put_table_proposals([a_proposal(ORDERS)], {}, a_tables_review())

    reviewed(history, ONE, a_use(ONE, ORDERS, 8.0), at=LATER)

    assert names(history, TableFilterBy(has_change=True)) == [ORDERS]


def test_before_the_first_review_of_tables_there_is_none(history):
    assert history.tables_review() is None


def a_keyed_recommendation(query_hash: str = ONE, column: str = "order_id"):
    sql = f"ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY {column};"
    return a_recommendation(query_hash, action_sql=sql)


def advised(recommendation, table_name: str = ORDERS) -> AdvisedTable:
    return AdvisedTable(
        recommendation_id=recommendation.recommendation_id,
        table_name=table_name,
        written_as="sales.orders",
    )


def test_tables_of_recommendations_are_those_of_the_newest_review(history):
    first, second = a_keyed_recommendation(), a_keyed_recommendation(TWO)
    for each in (first, second):
        reviewed(history, each.query_hash, recommendations=[each], advised_tables=(advised(each),))

    found = list(history.advised_tables())
    assert [each.table_name for each, _ in found] == [ORDERS, ORDERS]
    assert {told.recommendation.recommendation_id for _, told in found} == {
        first.recommendation_id,
        second.recommendation_id,
    }

    reviewed(history, ONE, at=LATER)

    assert [each.recommendation_id for each, _ in history.advised_tables()] == [
        second.recommendation_id
    ]


def test_a_recommendation_carries_how_it_stands_over_all_patterns(history):
    own = a_keyed_recommendation()
    reviewed(history, ONE, recommendations=[own], advised_tables=(advised(own),))
    loses = AcrossPatterns(
        standing=Standing.LOSES,
        table_name=ORDERS,
        sentence="It costs others more.",
        analysis_timestamp=LATER,
    )

    history.put_table_proposals([], {own.recommendation_id: loses}, a_tables_review())

    assert history.recommendation(own.recommendation_id).across_patterns == loses
    (listed,) = history.recommendations(RecommendationFilter()).items
    (streamed,) = history.each_recommendation(RecommendationFilter())
    assert {each.across_patterns for each in (listed, streamed)} == {loses}

    history.put_table_proposals([], {}, a_tables_review())

    assert history.recommendation(own.recommendation_id).across_patterns is None


def test_a_standing_is_forgotten_once_the_advice_proposes_something_else(history):
    own = a_keyed_recommendation()
    reviewed(history, ONE, recommendations=[own], advised_tables=(advised(own),))
    stands = AcrossPatterns(
        standing=Standing.LOSES, table_name=ORDERS, sentence="No.", analysis_timestamp=LATER
    )
    history.put_table_proposals([], {own.recommendation_id: stands}, a_tables_review())

    reviewed(history, ONE, recommendations=[own], at=LATER)
    assert history.recommendation(own.recommendation_id).across_patterns == stands

    other = a_keyed_recommendation(column="customer_id")
    assert other.recommendation_id == own.recommendation_id
    reviewed(history, ONE, recommendations=[other], at=LATER + timedelta(days=1))

    assert history.recommendation(own.recommendation_id).across_patterns is None


def test_clearing_the_store_forgets_tables_as_well(history):
    own = a_keyed_recommendation()
    reviewed(
        history, ONE, a_use(ONE, ORDERS), recommendations=[own], advised_tables=(advised(own),)
    )
    history.put_table_proposals([a_proposal(ORDERS)], {}, a_tables_review())

    history.clear()

    assert (names(history), list(history.each_table_use())) == ([], [])
    assert (list(history.advised_tables()), history.tables_review()) == ([], None)
