"""The list of tables and one table, over a real store."""

from dataclasses import replace

import pytest

from backend.domain.evidence import AdvisorRow, Column
from backend.domain.plan import Movement
from backend.domain.table_use import (
    AdvisedTable,
    Arrival,
    FilterKind,
    JoinEnd,
    JoinKind,
    TableColumn,
    TableFilter,
    TableJoin,
    TableUse,
)
from backend.services.ports import HistoryStore
from backend.services.review_tables import review_tables
from tests.app.conftest import keep, open_page, said
from tests.builders import (
    A_MOMENT,
    a_hash,
    a_pattern,
    a_recommendation,
    a_review,
    a_table,
    some_runs,
)

ORDERS, LINES = "shop.sales.orders", "shop.sales.lines"
CUSTOMER_KEY = "ALTER TABLE sales.lines ALTER DISTSTYLE KEY DISTKEY customer_id;"


def a_use(table_name: str, seconds: float, **changes) -> TableUse:
    return TableUse(
        query_hash=a_hash(), table_name=table_name, analysis_timestamp=A_MOMENT,
        window_end=A_MOMENT, window_days=7.0, runs=10, seconds=seconds, is_measured=True,
        like_runs=10.0, **changes,
    )  # fmt: skip


def stored_tables(
    store: HistoryStore,
    *more: TableUse,
    weigh: bool = True,
    title: str = "Another key",
    **priced: object,
) -> str:
    """Lines are sent to the orders; the id of the open recommendation that wants another key."""
    keep(store, a_pattern(), some_runs(2))
    columns = tuple(Column(name=name, data_type="bigint") for name in ("order_id", "customer_id"))
    store.put_tables(
        a_table(name, distribution_style=style, row_count=10**8, size_mb=900, columns=columns)
        for name, style in (("sales.orders", "KEY(order_id)"), ("sales.lines", "EVEN"))
    )
    ends = [
        JoinEnd(
            arrival=Arrival.SCAN,
            columns=(TableColumn(table_name=table, column_name="order_id"),),
            rows=10**7,
            table_names=(table,),
        )
        for table in (ORDERS, LINES)
    ]
    join = TableJoin(
        join_id=1, kind=JoinKind.INNER, outer=ends[0], inner=ends[1],
        movement=Movement.DS_DIST_INNER, moving_seconds=800.0, is_measured=True,
    )  # fmt: skip
    by_day = TableFilter(column_name="sold_on", kind=FilterKind.RANGE)
    advice = a_recommendation(action_sql=CUSTOMER_KEY, title=title)
    store.put_review(
        a_review(
            recommendations=[advice],
            table_uses=(
                a_use(ORDERS, 700.0, joins=(join,), **priced),
                a_use(LINES, 900.0, joins=(join,), filters=(by_day,), **priced),
                *more,
            ),
            advised_tables=(
                AdvisedTable(
                    recommendation_id=advice.recommendation_id,
                    table_name=LINES,
                    written_as="sales.lines",
                ),
            ),
        )
    )
    if weigh:
        review_tables(store=store, analysis_timestamp=A_MOMENT)
    return advice.recommendation_id


def test_a_store_without_reviews_says_how_to_get_tables(store: HistoryStore):
    app = open_page("tables")

    assert not app.exception
    assert "No tables yet" in said(app)
    assert "workbench review" in said(app)


def test_tables_are_listed_by_the_time_that_stands_on_them(store: HistoryStore):
    stored_tables(store)

    app = open_page("tables")

    assert not app.exception
    listed = app.dataframe[0].value
    assert list(listed["table"]) == ["sales.lines", "sales.orders"]
    assert list(listed["proposal"]) == [["Distribute by order_id"], ["Keep"]]
    assert list(listed["against"]) == [1, 0]
    assert "Changes proposed: 1" in said(app)
    assert "Saves a week: 6.7 min" in said(app)


def test_filters_come_from_the_link(store: HistoryStore):
    stored_tables(store)

    by_name = open_page("tables", named="ORD")
    changes = open_page("tables", changes="true")

    assert list(by_name.dataframe[0].value["table"]) == ["sales.orders"]
    assert list(changes.dataframe[0].value["table"]) == ["sales.lines"]


def test_filters_that_leave_nothing_say_so(store: HistoryStore):
    stored_tables(store)

    app = open_page("tables", named="nothing")

    assert not app.exception
    assert "No table matches these filters" in said(app)


def test_the_second_page_is_reached_by_its_link(store: HistoryStore):
    stored_tables(store, *(a_use(f"shop.sales.t{n:02d}", 1.0) for n in range(28)))

    app = open_page("tables", part="2")

    assert not app.exception
    assert len(app.dataframe[0].value) == 5
    assert "Tables 26–30 of 30" in said(app)


def test_tables_that_were_not_weighed_are_listed_all_the_same(store: HistoryStore):
    stored_tables(store, weigh=False)

    app = open_page("tables")

    assert not app.exception
    assert list(app.dataframe[0].value["proposal"]) == [["not weighed yet"]] * 2


def test_a_link_opens_one_table_with_its_proposal(store: HistoryStore):
    stored_tables(store)

    app = open_page("table", table=LINES)

    assert not app.exception
    told = said(app).replace("\\", "")
    assert "sales.lines" in told
    assert "Distribution: EVEN → KEY(order_id)" in told
    assert "ALTER TABLE sales.lines ALTER DISTSTYLE KEY DISTKEY order_id;" in told
    assert "1 pattern saves 6.7 min a week." in told
    assert "Redshift's Advisor proposes nothing here" in told
    assert "ALTER TABLE rewrites its 900 MB and locks it meanwhile" in told
    effects = app.dataframe[0].value
    assert list(effects["effect"]) == ["+6.7 min"]
    assert list(effects["pattern"]) == ["orders: sum(amount)"]


def test_a_contradicted_recommendation_stands_on_the_table_with_the_reason(store: HistoryStore):
    stored_tables(store)

    told = said(open_page("table", table=LINES))

    assert "Open recommendations of single patterns" in told
    assert "KEY(order_id) of sales.lines saves 6.7 min a week net instead." in told


def test_redshifts_advisor_and_dollars_stand_beside_the_proposal(store: HistoryStore):
    ddl = 'ALTER TABLE "sales"."lines" ALTER DISTSTYLE KEY DISTKEY "customer_id"'
    row = AdvisorRow(
        kind="diststyle", database_name="shop", table_id=7, group_id=1, ddl=ddl,
        is_auto_eligible=True, table_name="sales.lines",
    )  # fmt: skip
    store.put_advisor_rows([row])
    stored_tables(store, dollars_a_second=0.01, prices_as_of=A_MOMENT.date())

    on_list, app = open_page("tables"), open_page("table", table=LINES)

    listed = on_list.dataframe[0].value
    assert [list(cell) for cell in listed["advisor"]] == [["Disagrees"], []]
    assert listed["dollars"][0] == pytest.approx(4.0)
    assert "Saves a week: 6.7 min · $4.00" in said(on_list)
    assert "Advisor disagrees" in said(app)
    assert "Redshift's Advisor proposes KEY(customer_id)." in said(app)
    assert list(app.dataframe[0].value["dollars"]) == ["+$4.00"]


def test_without_prices_no_page_tells_dollars(store: HistoryStore):
    stored_tables(store)

    for app in (open_page("tables"), open_page("table", table=LINES)):
        assert not app.exception
        assert "$" not in said(app)
        assert "dollars" not in app.dataframe[0].value


def test_the_section_of_use_comes_from_the_link(store: HistoryStore):
    stored_tables(store)

    app = open_page("table", table=LINES, about_table="Reads and writes")

    assert not app.exception
    readers, joins, filters = (each.value for each in app.dataframe)
    assert list(readers["pattern"]) == ["orders: sum(amount)"]
    assert list(joins["partner"]) == ["sales.orders.order_id"]
    assert list(joins["moving"]) == [800.0]
    assert list(filters["column"]) == ["sold_on"]


def test_a_table_that_is_kept_says_why(store: HistoryStore):
    stored_tables(store)

    told = said(open_page("table", table=ORDERS)).replace("\\", "")

    assert "Distribution: keep KEY(order_id)" in told
    assert "ALTER TABLE" not in told


def test_a_table_that_was_not_weighed_says_what_to_do(store: HistoryStore):
    stored_tables(store, weigh=False)

    app = open_page("table", table=LINES)

    assert not app.exception
    assert "Not weighed yet" in said(app)


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ({}, "No table is chosen"),
        ({"table": "shop.sales.nothing"}, "This is not stored (any more)"),
    ],
)
def test_a_link_without_a_known_table_is_no_traceback(
    store: HistoryStore, link: dict[str, str], told: str
):
    stored_tables(store)

    app = open_page("table", **link)

    assert not app.exception
    assert told in said(app)


def test_advice_says_on_its_card_that_it_loses_over_all_patterns(store: HistoryStore):
    chosen = stored_tables(store)

    on_list = open_page("recommendations", recommendation=chosen)
    on_query = open_page("query", query=a_hash())

    assert list(on_list.dataframe[0].value["across"]) == [["Loses"]]
    for app in (on_list, on_query):
        assert not app.exception
        assert "Loses over all patterns" in said(app)
        assert "KEY(order_id) of sales.lines saves 6.7 min a week net instead." in said(app)


def test_foreign_text_is_not_read_as_markdown(store: HistoryStore):
    hostile = "# shout <b>x</b> [a](http://b) $\\alpha$ :red[y]"
    use = replace(a_use(f"shop.sales.{hostile}", 5000.0), filters=(
        TableFilter(column_name=hostile, kind=FilterKind.RANGE),
    ))  # fmt: skip
    stored_tables(store, use, title=hostile)
    store.put_tables([a_table("sales.x", database="shop")])

    for link in ({"table": use.table_name}, {"table": LINES},
                 {"table": use.table_name, "about_table": "Reads and writes"}):  # fmt: skip
        app = open_page("table", **link)
        assert not app.exception
        for element in (*app.title, *app.markdown, *app.caption):
            assert "[a](http" not in str(element.value)
            assert ":red[y]" not in str(element.value)
