"""What is wrong with the sample on purpose, for whoever measures how well it is found.

The truth is taken from what the sample plants: rows, plans, steps, table figures and statements. It
says what ought to be found, whatever the checks say today.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Planted:
    """`subject` is a statement's name, or what a finding across all patterns names: a queue, a
    table, a materialized view, or again a statement (then `is_across` is true). `about` is what a
    finding on the statement names: mostly a table, or nothing.

    What `is_consequence` nobody planted for its own sake; the planted data make it true all the
    same. To find it is right, and to miss it is not counted.
    """

    subject: str
    check: str
    about: str = ""
    because: str
    is_across: bool = False
    is_consequence: bool = False


_DASHBOARDS = (
    Planted(
        subject="store_revenue_by_day", check="data_skew", about="retail.sales",
        because="the online store is one store_id: skew_rows 6.41, its scan reaches 81",
    ),
    Planted(
        subject="inventory_on_hand", check="regression",
        because="a backfill inserted eight days before the end lies out of sort order",
    ),
    Planted(
        subject="inventory_on_hand", check="unsorted_scan", about="retail.inventory_daily",
        because="since the backfill 71.8 % is unsorted: all of it is read to keep 12 %",
    ),
    Planted(
        subject="returns_rate", check="unsorted_scan", about="retail.returns",
        because="37.4 % of the table is unsorted: all of it is read to keep 4.6 %",
    ),
    Planted(
        subject="promotion_uplift", check="nested_loop",
        because="promotions are joined by two inequalities: 1.8 billion rows come out",
    ),
    Planted(
        subject="campaign_attribution", check="redistributes_both_sides",
        because="neither web_events nor web_sessions (both EVEN) lie by session_id",
    ),
    Planted(
        subject="segment_revenue", check="regression",
        because="the segments were rebuilt without key and statistics, and 42 times as large",
    ),
    Planted(
        subject="segment_revenue", check="large_broadcast", about="crm.customer_segments",
        because="without their key the planner broadcasts 34.9 million rows of segments",
    ),
    Planted(
        subject="segment_revenue", check="missing_statistics", about="crm.customer_segments",
        because="rebuilt without ANALYZE: the planner believes in 910,000 of 38.4 million rows",
    ),
    # In the plan before the change, too: orders lie by order_id, and here customer_id joins them.
    Planted(
        subject="segment_revenue", check="redistributes_one_side", about="retail.orders",
        because="orders lie by order_id: 17.3 million rows move to be joined by customer_id",
        is_consequence=True,
    ),
)  # fmt: skip

_SCREENS = (
    Planted(
        subject="order_status_counts", check="queue_dominated",
        because="92 % of the runs of the front desk's queue wait, 6.5 s at the median",
    ),
    Planted(
        subject="customer_card", check="select_star", about="retail.customers",
        because="* reads 27 columns for a card, rows of 2.9 kB",
    ),
    Planted(
        subject="customer_card", check="unsorted_scan", about="retail.customers",
        because="sorted by customer_id, looked up by e-mail or name: 46.2 million rows for two",
    ),
    Planted(
        subject="loyalty_tile", check="compile_dominated",
        because="93 % of the runs compile, 3 s each, for a fraction of a second's work",
    ),
)  # fmt: skip

_ANALYSTS = (
    Planted(
        subject="conversion_funnel", check="function_on_sort_key",
        about="retail.web_events.event_time",
        because="its sort-key column is inside CAST(… AS date)",
    ),
    Planted(
        subject="customer_orders_paid", check="redistributes_one_side", about="retail.payments",
        because="payments lie by payment_id: 19.9 million rows move to be joined by order_id",
    ),
    Planted(
        subject="customer_orders_paid", check="missing_statistics", about="retail.payments",
        because="not analyzed for 24 days: the planner of the join believes in 402 of 642 million",
    ),
    Planted(
        subject="payment_steps", check="missing_statistics", about="retail.payments",
        because="not analyzed for 24 days: the planner of the join believes in 402 of 642 million",
    ),
    Planted(
        subject="basket_pairs", check="spill_to_disk",
        because="hashing and grouping 412 million pairs spills 85 GB",
    ),
    Planted(
        subject="returns_by_carrier", check="redistributes_both_sides",
        because="neither shipments (carrier_id) nor returns (EVEN) lie by order_id",
    ),
    Planted(
        subject="web_sessions", check="large_result",
        because="each run returns 1.24 million rows to a notebook",
    ),
    Planted(
        subject="find_payment", check="selective_filter", about="retail.payments",
        because="three months of payments are read for one card: 59 million rows for two",
    ),
    Planted(
        subject="find_payment", check="pending_advisor", about="retail.payments",
        because="the Advisor proposes another encoding of gateway_ref, which it reads",
    ),
    Planted(
        subject="browse_events", check="select_star", about="retail.web_events",
        because="* reads 32 columns, rows of 6.2 kB",
    ),
    Planted(
        subject="margin_report", check="spill_to_disk",
        because="hashing 619 million orders and grouping 158 million lines spills 126 GB",
    ),
    Planted(
        subject="cohort_margin", check="spill_to_disk",
        because="hashing 610 million orders spills 45 GB",
    ),
    Planted(
        subject="cohort_margin", check="redistributes_one_side", about="retail.orders",
        because="all 619 million orders move to be joined by customer_id",
    ),
    Planted(
        subject="cohort_margin", check="redistributes_one_side",
        because="and 610 million rows of that move back to be joined by order_id",
    ),
    # The statement is there for its length; what follows from all its counts is true.
    Planted(
        subject="cohort_margin", check="repeated_scan", about="retail.orders",
        because="orders are scanned for the first order of each customer, and again for all",
        is_consequence=True,
    ),
    Planted(
        subject="cohort_margin", check="count_distinct",
        because="26 counts of distinct customers over 1.3 billion rows",
        is_consequence=True,
    ),
    # A few runs met the flood of the loads queue, which holds up all queues that morning.
    Planted(
        subject="stock_gaps", check="queue_dominated",
        because="4 of its 231 runs waited 295 s on the morning of the flood, of 398 s in all",
        is_consequence=True,
    ),
)  # fmt: skip

_LOADS = (
    Planted(
        subject="model_daily_store_sales", check="data_skew", about="retail.sales",
        because="the online store is one store_id: its scan reaches a skew of 83",
    ),
    Planted(
        subject="model_order_payments", check="redistributes_one_side", about="retail.payments",
        because="payments lie by payment_id: 57.8 million rows move to be joined by order_id",
    ),
    Planted(
        subject="model_order_payments", check="missing_statistics", about="retail.payments",
        because="not analyzed for 24 days: the planner of the join believes in 402 of 642 million",
    ),
    Planted(
        subject="model_customer_ltv", check="spill_to_disk",
        because="hashing 433 million orders and grouping by customer spills 44 GB",
    ),
    Planted(
        subject="model_product_affinity", check="large_broadcast", about="retail.customers",
        because="events lie EVEN: 46.2 million customers go to every node",
    ),
    Planted(
        subject="copy_orders", check="copy_file_count", about="stg_orders",
        because="three files under gzip: 13 of 16 slices have nothing to do",
    ),
    # The two loads by order_id: orders are sorted by order_date, on which neither compares them.
    Planted(
        subject="merge_orders", check="late_filter", about="retail.orders",
        because="619 million orders are read whole to meet 2.2 million staged ones",
        is_consequence=True,
    ),
    Planted(
        subject="insert_order_lines", check="late_filter", about="retail.orders",
        because="619 million orders are read whole to meet 2 million staged lines",
        is_consequence=True,
    ),
    Planted(
        subject="update_deliveries", check="lock_dominated",
        because="it starts a minute after the DELETE on shipments, which takes two",
    ),
    Planted(
        subject="refresh_return_notes", check="lock_dominated",
        because="it runs while returns are appended by ALTER TABLE",
    ),
    Planted(
        subject="refresh_return_notes", check="unsorted_scan", about="retail.returns",
        because="looked up by return_id, sorted by returned_on: 84.3 million rows for one",
    ),
    Planted(
        subject="backfill_shipments", check="queue_dominated",
        because="26 runs at once share three slots, and wait for each other for hours",
    ),
    Planted(
        subject="unload_audience", check="queue_dominated",
        because="1 of its 40 runs waited 177 s on the morning of the flood",
        is_consequence=True,
    ),
)  # fmt: skip

_LAKE_AND_VIEWS = (
    Planted(
        subject="click_archive_search", check="no_partition_pruning", about="lake.click_archive",
        because="partitioned by event_day, which it does not filter: all 1,461 are read",
    ),
    Planted(
        subject="click_archive_search", check="non_columnar_format", about="lake.click_archive",
        because="25.4 GB of text, of which every column is read",
    ),
    Planted(
        subject="click_archive_search", check="small_lake_files", about="lake.click_archive",
        because="21,040 files of 1 MB",
    ),
    Planted(
        subject="click_archive_search", check="not_pushed_down", about="lake.click_archive",
        because="JSON_EXTRACT_PATH_TEXT is not for Spectrum: the cluster filters",
    ),
    Planted(
        subject="click_archive_search", check="repeated_lake_scans", about="lake.click_archive",
        because="25.4 GB again in each run",
    ),
    Planted(
        subject="archive_revenue", check="repeated_lake_scans", about="lake.orders_archive",
        because="the same 12.3 GB of two months seven times a day",
    ),
    Planted(
        subject="refresh_category_sales", check="full_view_refresh",
        about="mart.mv_category_sales",
        because="each refresh recomputes the view from scratch",
    ),
    Planted(
        subject="store_traffic_tile", check="stale_materialized_view",
        about="mart.mv_store_traffic",
        because="the view cannot be refreshed since a column was renamed (state 104)",
    ),
)  # fmt: skip

_BACK_OFFICE = (
    Planted(
        subject="stock_alerts", check="ghost_rows", about="mart.stock_cover",
        because="emptied by DELETE and filled again thrice a day: 62 % of the rows are deleted",
    ),
    Planted(
        subject="quiet_customers", check="not_in_nullable", about="retail.orders.customer_id",
        because="NOT IN over a column that may be NULL, for 14.3 million customers",
    ),
    Planted(
        subject="order_ledger", check="large_result",
        because="each run hands 4.1 million rows to a report",
    ),
    Planted(
        subject="order_ledger", check="order_by_without_limit",
        because="and sorts all of them before",
    ),
    Planted(
        subject="search_words", check="leading_wildcard", about="retail.web_events.search_term",
        because="LIKE '%…%' is tried on 99 million events",
    ),
)  # fmt: skip

_ACROSS = (
    Planted(
        subject="queue loads", check="queue_pressure", is_across=True,
        because="the flood of the backfill",
    ),
    Planted(
        subject="queue front desk", check="queue_pressure", is_across=True,
        because="the queue of lowest priority: nearly each run waits",
    ),
    Planted(
        subject="backfill_shipments", check="wait_blame", is_across=True,
        because="it held the slots of the loads queue while the others waited",
    ),
    Planted(
        subject="delete_old_shipments", check="lock_blame", is_across=True,
        because="the deliveries wait for its lock each night",
    ),
    Planted(
        subject="alter_returns_append", check="lock_blame", is_across=True,
        because="notes on returns wait for its lock twice a workday",
    ),
    Planted(
        subject="", check="heavy_concurrency_scaling", is_across=True,
        because="readers overflow to a second cluster for three days and a half",
    ),
    Planted(
        subject="retail.click_raw", check="unread_tables", is_across=True,
        because="loaded four times a day, read by no statement",
    ),
    Planted(
        subject="retail.web_events_2023", check="unread_tables", is_across=True,
        because="204.6 GB that no statement reads or writes",
    ),
    Planted(
        subject="mart.mv_category_sales", check="view_upkeep", is_across=True,
        because="each refresh recomputes the view from scratch",
    ),
    Planted(
        subject="mart.mv_store_traffic", check="view_upkeep", is_across=True,
        because="each refresh fails since a column was renamed",
    ),
    Planted(
        subject="mart.mv_daily_returns", check="view_upkeep", is_across=True,
        because="refreshed each night, read by no statement",
    ),
)  # fmt: skip

PLANTED: tuple[Planted, ...] = (
    *_DASHBOARDS,
    *_SCREENS,
    *_ANALYSTS,
    *_LOADS,
    *_LAKE_AND_VIEWS,
    *_BACK_OFFICE,
    *_ACROSS,
)

CLEAN: tuple[str, ...] = (
    "category_trend", "top_products", "shipping_sla", "kpi_revenue_today", "open_orders_by_store",
    "store_calendar", "product_lookup", "stock_gaps", "supplier_scorecard", "churn_features",
    "lab_label_balance", "lab_score_sample", "model_order_facts", "model_stock_cover",
    "copy_web_events", "merge_orders", "insert_order_lines", "insert_inventory",
    "delete_old_shipments", "alter_returns_append", "drop_customer_segments",
    "rebuild_customer_segments", "backfill_inventory", "unload_finance", "unload_audience",
    "category_sales_tile", "copy_click_raw", "clear_stock_cover",
)  # fmt: skip
"""Statements with nothing planted in them: a finding on one is a false accusation, unless it is a
consequence in PLANTED. Some hold up others, or spoil a table for them, and do well themselves."""
