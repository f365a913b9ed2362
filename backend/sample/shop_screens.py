"""The statements of shop screens, the help desk and the storefront."""

from backend.sample.plan_builder import (
    aggregate,
    hash_aggregate,
    hash_join,
    limited,
    ordered,
    scan,
)
from backend.sample.sample_pattern import Failures, Queue, SamplePattern
from backend.sample.sample_plan import SamplePlan
from backend.sample.schedule import shops
from backend.sample.warehouse import (
    CUSTOMERS,
    DAILY_STORE_SALES,
    DATES,
    ORDER_LINES,
    ORDERS,
    STORES,
)

SCREENS = ("svc_storefront",)


def _kpi_revenue_today() -> SamplePlan:
    lines = scan(
        ORDER_LINES, reads=0.0012, keeps=0.0003, columns=0.2, width=20,
        where="((order_date = '2026-11-02'::date) AND (currency_code = 'NOK'::bpchar))",
    )  # fmt: skip
    return SamplePlan(root=aggregate(lines))


def _order_status_counts() -> SamplePlan:
    orders = scan(
        ORDERS, reads=0.0011, keeps=0.0009, columns=0.3, width=40,
        where="(order_date = '2026-11-02'::date)",
    )  # fmt: skip
    return SamplePlan(root=hash_aggregate(orders, rows=24))


def _open_orders_by_store() -> SamplePlan:
    orders = scan(
        ORDERS, "o", reads=0.0066, keeps=0.0021, columns=0.3, width=28,
        where="((order_date >= '2026-10-26'::date) AND ((status)::text = 'open'::text))",
    )  # fmt: skip
    stores = scan(STORES, "s", keeps=0.2, width=40, where="(country_code = 'NO'::bpchar)")
    joined = hash_join(orders, stores, "DS_DIST_ALL_NONE", "store_id = store_id", rows=260_000)
    return SamplePlan(root=ordered(hash_aggregate(joined, rows=128), "count(*)"))


def _customer_card() -> SamplePlan:
    return SamplePlan(
        root=scan(
            CUSTOMERS, keeps=4.4e-8, columns=1.0, width=2_911,
            where="(((email)::text = 'lenka.hallorsen@mail.northlight.example'::text) OR "
            "(((last_name)::text = 'Hallorsen'::text) AND ((postal_code)::text = '0482'::text)))",
        )
    )  # fmt: skip


def _loyalty_tile() -> SamplePlan:
    members = scan(
        CUSTOMERS, reads=0.00004, keeps=2e-7, columns=0.2, width=24,
        where="(customer_id = ANY ('{1048213,5520117,31880642}'::bigint[]))",
    )  # fmt: skip
    return SamplePlan(root=hash_aggregate(members, rows=5))


def _store_calendar() -> SamplePlan:
    sales = scan(
        DAILY_STORE_SALES, "m", reads=0.1, keeps=0.04, columns=0.5, width=20,
        where="((store_id = 118) AND (sold_on >= '2026-08-03'::date))",
    )  # fmt: skip
    joined = hash_join(
        sales, scan(DATES, "d", width=14), "DS_DIST_ALL_NONE", "sold_on = calendar_date",
        rows=56_000,
    )  # fmt: skip
    return SamplePlan(root=limited(ordered(hash_aggregate(joined, rows=91), "m.sold_on"), 91))


SCREEN_PATTERNS = (
    SamplePattern(
        name="kpi_revenue_today", query_type="SELECT", users=SCREENS, schedule=shops(165),
        label="wallboard", queue=Queue.SHORT, variants=90, plan=_kpi_revenue_today,
        returned_rows=1, cache_hit_share=0.42, compile_seconds=0.9,
    ),
    SamplePattern(
        name="order_status_counts", query_type="SELECT", users=SCREENS, schedule=shops(58),
        label="front-desk", queue=Queue.FRONT_DESK, plan=_order_status_counts, returned_rows=24,
        fixed_seconds=0.5, compile_seconds=1.1,
    ),
    SamplePattern(
        name="open_orders_by_store", query_type="SELECT", users=SCREENS, schedule=shops(36),
        label="front-desk", queue=Queue.DASHBOARDS, variants=70, plan=_open_orders_by_store,
        returned_rows=128, cache_hit_share=0.1,
    ),
    SamplePattern(
        name="customer_card", query_type="SELECT", users=("svc_helpdesk",), schedule=shops(24),
        label="helpdesk", queue=Queue.DASHBOARDS, variants=110, plan=_customer_card,
        returned_rows=2, row_bytes=900,
        failures=Failures(
            canceled_share=0.02,
            failed_share=0.004,
            message="ERROR: unterminated quoted string at or near \"'d'Arcelle\"",
        ),
    ),
    SamplePattern(
        name="loyalty_tile", query_type="SELECT", users=SCREENS, schedule=shops(44),
        label="storefront", queue=Queue.SHORT, variants=120, plan=_loyalty_tile, returned_rows=5,
        compile_seconds=3.1, compiles_each_run=True,
    ),
    SamplePattern(
        name="store_calendar", query_type="SELECT", users=SCREENS, schedule=shops(62),
        label="storefront", queue=Queue.SHORT, variants=90, plan=_store_calendar,
        returned_rows=91, cache_hit_share=0.3, compile_seconds=0.8,
    ),
)  # fmt: skip
