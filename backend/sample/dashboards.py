"""The statements of dashboards."""

from backend.sample.plan_builder import (
    hash_aggregate,
    hash_join,
    nested_loop,
    ordered,
    scan,
)
from backend.sample.sample_pattern import Change, Failures, Queue, SamplePattern
from backend.sample.sample_plan import SamplePlan
from backend.sample.schedule import daily, office, shops
from backend.sample.story import INVENTORY_BACKFILLED_DAYS_BEFORE, SEGMENTS_REBUILT_DAYS_BEFORE
from backend.sample.warehouse import (
    CARRIERS,
    CUSTOMER_SEGMENTS,
    CUSTOMERS,
    DATES,
    INVENTORY_DAILY,
    ORDER_LINES,
    ORDERS,
    PRODUCTS,
    PROMOTIONS,
    RETURNS,
    SALES,
    SEGMENTS_BEFORE_REBUILD,
    SHIPMENTS,
    STORES,
    WEB_EVENTS,
    WEB_SESSIONS,
    SampleTable,
)

TABLEAU = ("bi_tableau",)
LOOKER = ("bi_looker",)


def _store_revenue_by_day() -> SamplePlan:
    sales = scan(
        SALES, "f", reads=0.043, keeps=0.0123, columns=0.42, width=44, skew=81,
        where="((sold_on >= '2026-10-03'::date) AND (sold_on <= '2026-11-02'::date))",
    )  # fmt: skip
    stores = scan(STORES, "s", keeps=0.16, width=52, where="((region_name)::text = 'Coast'::text)")
    by_store = hash_join(sales, stores, "DS_DIST_ALL_NONE", "store_id = store_id", rows=26_000_000)
    by_day = hash_join(
        by_store, scan(DATES, "d", width=4), "DS_DIST_ALL_NONE", "sold_on = calendar_date",
        rows=26_000_000,
    )  # fmt: skip
    grouped = hash_aggregate(by_day, rows=3_100)
    return SamplePlan(root=ordered(grouped, "s.region_name, s.store_name, f.sold_on"))


def _category_trend() -> SamplePlan:
    lines = scan(
        ORDER_LINES, "l", reads=0.084, keeps=0.079, columns=0.26, width=28,
        where="((order_date >= '2026-08-03'::date) AND (order_date <= '2026-11-02'::date))",
    )  # fmt: skip
    products = scan(
        PRODUCTS, "p", keeps=0.42, width=20,
        where="((category_code)::text = ANY ('{tents,packs,boots}'::text[]))",
    )  # fmt: skip
    by_product = hash_join(
        lines, products, "DS_DIST_ALL_NONE", "product_id = product_id", rows=63_000_000
    )
    by_week = hash_join(
        by_product, scan(DATES, "d", width=6), "DS_DIST_ALL_NONE", "order_date = calendar_date",
        rows=63_000_000,
    )  # fmt: skip
    return SamplePlan(root=ordered(hash_aggregate(by_week, rows=56), "p.category_code, d.iso_week"))


def _top_products() -> SamplePlan:
    lines = scan(
        ORDER_LINES, "l", reads=0.0068, keeps=0.0066, columns=0.2, width=16,
        where="(order_date >= '2026-10-26'::date)",
    )  # fmt: skip
    products = scan(
        PRODUCTS, "p", keeps=0.1, width=96, where="((category_code)::text = 'boots'::text)"
    )
    joined = hash_join(
        lines, products, "DS_DIST_ALL_NONE", "product_id = product_id", rows=1_300_000
    )
    return SamplePlan(
        root=ordered(hash_aggregate(joined, rows=31_000), "sum(l.net_amount)", limit=50)
    )


def _inventory_on_hand(share_read: float) -> SamplePlan:
    inventory = scan(
        INVENTORY_DAILY, "i", reads=share_read, keeps=0.118, columns=0.36, width=28,
        where="((snapshot_date >= '2026-08-03'::date) AND (snapshot_date <= '2026-11-02'::date))",
    )  # fmt: skip
    products = scan(PRODUCTS, "p", keeps=0.88, width=20, where="is_active")
    joined = hash_join(
        inventory, products, "DS_DIST_ALL_NONE", "product_id = product_id", rows=324_000_000
    )
    return SamplePlan(
        root=ordered(
            hash_aggregate(joined, rows=6_400), "sum((i.on_hand * i.unit_cost))", limit=500
        )
    )


def _inventory_sorted() -> SamplePlan:
    return _inventory_on_hand(0.125)


def _inventory_out_of_order() -> SamplePlan:
    return _inventory_on_hand(1.0)


def _returns_rate() -> SamplePlan:
    returned = scan(
        RETURNS, "r", keeps=0.046, columns=0.5, width=36,
        where="(returned_on >= '2026-10-03'::date)",
    )  # fmt: skip
    joined = hash_join(
        returned, scan(PRODUCTS, "p", width=20), "DS_DIST_ALL_NONE", "product_id = product_id",
        rows=3_880_000,
    )  # fmt: skip
    return SamplePlan(root=ordered(hash_aggregate(joined, rows=240), "sum(r.refund_amount)"))


def _shipping_sla() -> SamplePlan:
    shipments = scan(
        SHIPMENTS, "s", reads=0.0125, keeps=0.012, columns=0.3, width=32,
        where="((shipped_on >= '2026-10-26'::date) AND (shipped_on <= '2026-11-02'::date))",
    )  # fmt: skip
    joined = hash_join(
        shipments, scan(CARRIERS, "c", width=36), "DS_DIST_ALL_NONE", "carrier_id = carrier_id",
        rows=6_140_000,
    )  # fmt: skip
    return SamplePlan(
        root=ordered(
            hash_aggregate(joined, rows=410), "avg(datediff(day, s.promised_on, s.delivered_on))"
        )
    )


def _campaign_attribution() -> SamplePlan:
    events = scan(
        WEB_EVENTS, "e", reads=0.0101, keeps=0.0034, columns=0.03, width=60,
        where="((event_time >= '2026-10-26 00:00:00'::timestamp without time zone) AND "
        "((event_type)::text = ANY ('{product_view,add_to_cart,purchase}'::text[])))",
    )  # fmt: skip
    sessions = scan(
        WEB_SESSIONS, "s", reads=0.0102, keeps=0.0101, columns=0.4, width=112,
        where="(started_at >= '2026-10-26 00:00:00'::timestamp without time zone)",
    )  # fmt: skip
    joined = hash_join(events, sessions, "DS_DIST_BOTH", "session_id = session_id", rows=33_400_000)
    return SamplePlan(root=ordered(hash_aggregate(joined, rows=420), "sum(e.cart_value)"))


def _promotion_uplift() -> SamplePlan:
    lines = scan(
        ORDER_LINES, "l", reads=0.0029, keeps=0.0027, columns=0.3, width=28,
        where="(order_date >= '2026-10-31'::date)",
    )  # fmt: skip
    by_product = hash_join(
        lines, scan(PRODUCTS, "p", width=4), "DS_DIST_ALL_NONE", "product_id = product_id",
        rows=5_160_000,
    )  # fmt: skip
    promotions = scan(
        PROMOTIONS, "pr", keeps=0.043, width=80, where="((status)::text = 'active'::text)"
    )
    joined = nested_loop(
        by_product, promotions,
        '("outer".order_date >= "inner".starts_on) AND ("outer".order_date <= "inner".ends_on)',
        rows=526_000_000, actual_rows=1_820_000_000,
    )  # fmt: skip
    return SamplePlan(root=hash_aggregate(joined, rows=910))


def _segment_revenue(
    segments_table: SampleTable, movement: str, stale: tuple[str, ...]
) -> SamplePlan:
    segments = scan(
        segments_table, "g", keeps=0.91, columns=0.7, width=32, where="(valid_to IS NULL)"
    )
    people = hash_join(
        scan(CUSTOMERS, "c", columns=0.04, width=8), segments, movement,
        "customer_id = customer_id", rows=round(segments.rows * 0.98),
        actual_rows=round(segments.actual_rows * 0.98),
    )  # fmt: skip
    orders = scan(
        ORDERS, "o", reads=0.029, keeps=0.028, columns=0.3, width=24,
        where="((order_date >= '2026-10-03'::date) AND (order_date <= '2026-11-02'::date))",
    )  # fmt: skip
    joined = hash_join(
        orders, people, "DS_DIST_OUTER", "customer_id = customer_id", rows=6_900_000,
        actual_rows=9_400_000,
    )  # fmt: skip
    return SamplePlan(
        root=ordered(hash_aggregate(joined, rows=18), "sum(o.total_amount)"),
        tables_missing_statistics=stale,
    )


def _segments_co_located() -> SamplePlan:
    return _segment_revenue(SEGMENTS_BEFORE_REBUILD, "DS_DIST_NONE", ())


def _segments_broadcast() -> SamplePlan:
    return _segment_revenue(CUSTOMER_SEGMENTS, "DS_BCAST_INNER", ("customer_segments",))


DASHBOARD_PATTERNS = (
    SamplePattern(
        name="store_revenue_by_day", query_type="SELECT", users=TABLEAU, schedule=office(26),
        label="tableau", queue=Queue.DASHBOARDS, variants=60, plan=_store_revenue_by_day,
        slowdown=2.6, returned_rows=3_100, growth_in_28_days=0.05,
    ),
    SamplePattern(
        name="category_trend", query_type="SELECT", users=TABLEAU, schedule=office(30),
        label="tableau", queue=Queue.DASHBOARDS, variants=60, plan=_category_trend,
        returned_rows=56, cache_hit_share=0.12,
    ),
    SamplePattern(
        name="top_products", query_type="SELECT", users=TABLEAU + LOOKER, schedule=shops(42),
        label="tableau", queue=Queue.DASHBOARDS, variants=80, plan=_top_products,
        returned_rows=50, row_bytes=120, cache_hit_share=0.35,
    ),
    SamplePattern(
        name="inventory_on_hand", query_type="SELECT", users=LOOKER, schedule=office(17),
        label="looker", queue=Queue.DASHBOARDS, plan=_inventory_sorted, returned_rows=500,
        change=Change(
            days_before_end=INVENTORY_BACKFILLED_DAYS_BEFORE, hour=3.4,
            plan_after=_inventory_out_of_order,
            cause="a backfill loaded inventory_daily out of sort order",
        ),
    ),
    SamplePattern(
        name="returns_rate", query_type="SELECT", users=LOOKER, schedule=office(24),
        label="looker", queue=Queue.DASHBOARDS, plan=_returns_rate, returned_rows=240,
        slowdown=1.3, waits_for="alter_returns_append",
    ),
    SamplePattern(
        name="shipping_sla", query_type="SELECT", users=LOOKER, schedule=office(14),
        label="looker", queue=Queue.DASHBOARDS, plan=_shipping_sla, returned_rows=410,
    ),
    SamplePattern(
        name="promotion_uplift", query_type="SELECT", users=LOOKER, schedule=office(6),
        label="looker", queue=Queue.DASHBOARDS, plan=_promotion_uplift, returned_rows=910,
        slowdown=4.0, failures=Failures(canceled_share=0.05),
    ),
    SamplePattern(
        name="campaign_attribution", query_type="SELECT", users=LOOKER, schedule=office(20),
        label="looker", queue=Queue.DASHBOARDS, plan=_campaign_attribution, returned_rows=420,
    ),
    SamplePattern(
        name="segment_revenue", query_type="SELECT", users=LOOKER,
        schedule=daily((6, 5), (8, 5), (10, 5), (12, 5), (14, 5), (16, 5)), label="looker",
        queue=Queue.DASHBOARDS, plan=_segments_co_located, returned_rows=18,
        change=Change(
            days_before_end=SEGMENTS_REBUILT_DAYS_BEFORE, hour=2.2,
            plan_after=_segments_broadcast,
            cause="customer_segments was rebuilt without its key and statistics",
        ),
    ),
)  # fmt: skip
