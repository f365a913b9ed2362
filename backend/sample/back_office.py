"""The statements of finance, marketing and store planning."""

from backend.sample.plan_builder import hash_aggregate, hash_join, ordered, scan
from backend.sample.sample_pattern import Queue, SamplePattern
from backend.sample.sample_plan import SamplePlan
from backend.sample.schedule import daily, office, workdays
from backend.sample.warehouse import CUSTOMERS, ORDERS, STOCK_COVER, WEB_EVENTS


def _stock_alerts() -> SamplePlan:
    cover = scan(
        STOCK_COVER, reads=0.31, keeps=0.041, columns=0.7, width=24,
        where="((snapshot_date = '2026-11-02'::date) AND (available < 12))",
    )  # fmt: skip
    return SamplePlan(root=ordered(hash_aggregate(cover, rows=642), "count(*)"))


def _quiet_customers() -> SamplePlan:
    customers = scan(
        CUSTOMERS, "c", keeps=0.31, columns=0.1, width=24,
        where="(country_code = 'NO'::bpchar)",
    )  # fmt: skip
    orders = scan(
        ORDERS, reads=0.0069, keeps=0.0066, columns=0.2, width=8,
        where="(order_date >= '2026-10-26'::date)",
    )  # fmt: skip
    left_over = hash_join(
        customers, orders, "DS_DIST_INNER", "customer_id = customer_id", rows=13_100_000,
        kind="Hash NOT IN Join",
    )  # fmt: skip
    return SamplePlan(root=ordered(hash_aggregate(left_over, rows=5), "c.loyalty_tier"))


def _order_ledger() -> SamplePlan:
    orders = scan(
        ORDERS, reads=0.0069, keeps=0.0066, columns=0.4, width=40,
        where="((order_date >= '2026-10-26'::date) AND (order_date <= '2026-11-02'::date))",
    )  # fmt: skip
    return SamplePlan(root=ordered(orders, "order_date, order_id"))


def _search_words() -> SamplePlan:
    events = scan(
        WEB_EVENTS, reads=0.0101, keeps=0.00002, columns=0.02, width=40,
        where="((event_time >= '2026-10-26 00:00:00'::timestamp without time zone) AND "
        "((search_term)::text ~~ '%ridge%'::text))",
    )  # fmt: skip
    return SamplePlan(root=ordered(hash_aggregate(events, rows=880), "count(*)", limit=100))


BACK_OFFICE_PATTERNS = (
    SamplePattern(
        name="clear_stock_cover", query_type="DELETE", users=("dbt_prod",),
        schedule=daily((4, 24), (10, 24), (16, 24), jitter_minutes=0.8), label="dbt",
        queue=Queue.LOADS, fixed_seconds=9.0, compile_seconds=0.4,
    ),
    SamplePattern(
        name="stock_alerts", query_type="SELECT", users=("bi_looker",), schedule=office(22),
        label="looker", queue=Queue.DASHBOARDS, plan=_stock_alerts, returned_rows=642,
        slowdown=1.4,
    ),
    SamplePattern(
        name="quiet_customers", query_type="SELECT", users=("mkt_campaigns",),
        schedule=office(4), label="marketing", variants=24, plan=_quiet_customers,
        returned_rows=5, slowdown=1.5,
    ),
    SamplePattern(
        name="order_ledger", query_type="SELECT", users=("fin_reporting",),
        schedule=workdays((9, 15)), label="finance-report", plan=_order_ledger,
        fixed_seconds=21.0, returned_rows=4_080_000, row_bytes=40, noise=0.1,
    ),
    SamplePattern(
        name="search_words", query_type="SELECT", users=("mkt_campaigns",),
        schedule=workdays((10, 40), (14, 10), (16, 20)), label="marketing", variants=30,
        plan=_search_words, slowdown=9.0, returned_rows=100,
    ),
)  # fmt: skip
