"""The statements of the nightly models, of loading, and of exporting."""

from backend.sample.plan_builder import (
    group_aggregate,
    hash_aggregate,
    hash_join,
    merge_join,
    scan,
)
from backend.sample.sample_pattern import Failures, Queue, SamplePattern
from backend.sample.sample_plan import SamplePlan
from backend.sample.schedule import Schedule, daily, office, once, workdays
from backend.sample.story import (
    INVENTORY_BACKFILLED_AT,
    INVENTORY_BACKFILLED_DAYS_BEFORE,
    SEGMENTS_REBUILT_AT,
    SEGMENTS_REBUILT_DAYS_BEFORE,
)
from backend.sample.warehouse import (
    CUSTOMERS,
    ORDER_LINES,
    ORDERS,
    PAYMENTS,
    PRODUCTS,
    RETURNS,
    SALES,
    SHIPMENTS,
    STG_INVENTORY,
    STG_ORDER_LINES,
    STG_ORDERS,
    WEB_EVENTS,
)

MODELS = ("dbt_prod",)
LOADER = ("etl_loader",)
EXPORTER = ("etl_exporter",)
CONFLICT = "ERROR: 1023 DETAIL: Serializable isolation violation on table - 120402"


def _daily_store_sales() -> SamplePlan:
    sales = scan(
        SALES, "f", reads=0.126, keeps=0.125, columns=0.42, width=36, skew=83,
        where="(sold_on >= '2026-08-03'::date)",
    )  # fmt: skip
    joined = hash_join(
        sales, scan(PRODUCTS, "p", width=20), "DS_DIST_ALL_NONE", "product_id = product_id",
        rows=303_000_000,
    )  # fmt: skip
    return SamplePlan(root=hash_aggregate(joined, rows=1_400_000))


def _order_facts() -> SamplePlan:
    orders = scan(
        ORDERS, "o", reads=0.0069, keeps=0.0066, columns=0.4, width=44,
        where="(order_date >= '2026-10-26'::date)",
    )  # fmt: skip
    lines = scan(
        ORDER_LINES, "l", reads=0.0069, keeps=0.0066, columns=0.15, width=16,
        where="(order_date >= '2026-10-26'::date)",
    )  # fmt: skip
    joined = merge_join(lines, orders, "order_id = order_id", rows=12_600_000)
    return SamplePlan(root=group_aggregate(joined, rows=4_080_000))


def _order_payments() -> SamplePlan:
    orders = scan(
        ORDERS, "o", reads=0.09, keeps=0.085, columns=0.2, width=20,
        where="(order_date >= '2026-08-03'::date)",
    )  # fmt: skip
    payments = scan(
        PAYMENTS, "p", reads=0.092, keeps=0.09, columns=0.16, width=28,
        where="(paid_at >= '2026-08-03 00:00:00'::timestamp without time zone)",
    )  # fmt: skip
    joined = hash_join(
        orders, payments, "DS_DIST_INNER", "order_id = order_id", rows=34_600_000,
        actual_rows=55_100_000,
    )  # fmt: skip
    return SamplePlan(root=hash_aggregate(joined, rows=51_400_000))


def _customer_ltv() -> SamplePlan:
    orders = scan(
        ORDERS, "o", reads=0.71, keeps=0.7, columns=0.3, width=20,
        where="(order_date >= '2024-11-02'::date)",
    )  # fmt: skip
    lines = scan(ORDER_LINES, "l", columns=0.2, width=24)
    joined = hash_join(
        lines, orders, "DS_DIST_NONE", "order_id = order_id", rows=1_340_000_000,
        spills_mb=12_700,
    )  # fmt: skip
    return SamplePlan(root=hash_aggregate(joined, rows=41_100_000, spills_mb=31_300))


def _product_affinity() -> SamplePlan:
    events = scan(
        WEB_EVENTS, "e", reads=0.0101, keeps=0.0041, columns=0.04, width=52,
        where="((event_time >= '2026-10-26 00:00:00'::timestamp without time zone) AND "
        "((event_type)::text = 'page_view'::text))",
    )  # fmt: skip
    joined = hash_join(
        events, scan(CUSTOMERS, "c", columns=0.05, width=20), "DS_BCAST_INNER",
        "customer_id = customer_id", rows=36_000_000,
    )  # fmt: skip
    return SamplePlan(root=hash_aggregate(joined, rows=1_120_000))


def _stock_cover() -> SamplePlan:
    inventory = scan(
        STG_INVENTORY, "i", keeps=0.98, columns=0.6, width=20,
        where="(snapshot_date = '2026-11-02'::date)",
    )  # fmt: skip
    products = scan(PRODUCTS, "p", keeps=0.88, width=4, where="is_active")
    return SamplePlan(
        root=hash_join(
            inventory, products, "DS_DIST_ALL_NONE", "product_id = product_id", rows=7_700_000
        )
    )


def _merge_orders() -> SamplePlan:
    return SamplePlan(
        root=hash_join(
            scan(ORDERS, columns=0.1, width=22),
            scan(STG_ORDERS, "s", columns=1.0, width=96),
            "DS_DIST_NONE", "order_id = order_id", rows=2_210_000, kind="Hash Right Join",
        )
    )  # fmt: skip


def _insert_order_lines() -> SamplePlan:
    lines = scan(
        STG_ORDER_LINES,
        "s",
        keeps=0.93,
        columns=1.0,
        width=88,
        where="(order_date = '2026-11-02'::date)",
    )
    orders = scan(ORDERS, "o", columns=0.1, width=8)
    return SamplePlan(
        root=hash_join(orders, lines, "DS_DIST_NONE", "order_id = order_id", rows=2_050_000)
    )


def _insert_inventory() -> SamplePlan:
    return SamplePlan(
        root=scan(
            STG_INVENTORY, keeps=0.98, columns=1.0, width=40,
            where="(snapshot_date = '2026-11-02'::date)",
        )
    )  # fmt: skip


def _delete_old_shipments() -> SamplePlan:
    return SamplePlan(
        root=scan(
            SHIPMENTS, reads=0.0011, keeps=0.001, columns=0.2, width=6,
            where="((shipped_on < '2024-11-02'::date) AND ((status)::text = 'delivered'::text))",
        )
    )  # fmt: skip


def _update_deliveries() -> SamplePlan:
    return SamplePlan(
        root=scan(
            SHIPMENTS, reads=0.0125, keeps=0.0034, columns=1.0, width=160,
            where="((shipped_on >= '2026-10-26'::date) AND "
            "((warehouse_code)::text = 'W40118'::text))",
        )
    )  # fmt: skip


def _refresh_return_notes() -> SamplePlan:
    return SamplePlan(
        root=scan(RETURNS, keeps=1.2e-8, columns=0.2, width=610, where="(return_id = 31880642)")
    )


LOAD_PATTERNS = (
    SamplePattern(
        name="model_daily_store_sales", query_type="CTAS", users=MODELS,
        schedule=daily((4, 10)), label="dbt", queue=Queue.LOADS, plan=_daily_store_sales,
        slowdown=2.4, noise=0.1, growth_in_28_days=0.05,
    ),
    SamplePattern(
        name="model_order_facts", query_type="CTAS", users=MODELS,
        schedule=daily((4, 35), (12, 35)), label="dbt", queue=Queue.LOADS, plan=_order_facts,
        noise=0.1,
    ),
    SamplePattern(
        name="model_order_payments", query_type="CTAS", users=MODELS,
        schedule=daily((4, 40), (10, 40), (16, 40), (22, 40)), label="dbt", queue=Queue.LOADS,
        plan=_order_payments, noise=0.1,
    ),
    SamplePattern(
        name="model_customer_ltv", query_type="CTAS", users=MODELS, schedule=daily((5, 5)),
        label="dbt", queue=Queue.LOADS, plan=_customer_ltv, noise=0.1, growth_in_28_days=0.05,
        failures=Failures(failed_share=0.06, message="Disk Full"),
    ),
    SamplePattern(
        name="model_product_affinity", query_type="INSERT", users=MODELS,
        schedule=daily((4, 50), (16, 50)), label="dbt", queue=Queue.LOADS,
        plan=_product_affinity, noise=0.12,
    ),
    SamplePattern(
        name="model_stock_cover", query_type="INSERT", users=MODELS,
        schedule=daily((4, 25), (10, 25), (16, 25)), label="dbt", queue=Queue.LOADS,
        plan=_stock_cover,
    ),
    SamplePattern(
        name="copy_web_events", query_type="COPY", users=LOADER,
        schedule=Schedule(at=tuple((hour, 4) for hour in range(24)), jitter_minutes=3),
        label="airflow", queue=Queue.LOADS, fixed_seconds=15.0, noise=0.24,
        failures=Failures(
            failed_share=0.006,
            message="ERROR: Spectrum Scan Error. code: 15007 context: S3 object not found "
            "s3://northlight-landing/web_events/part-0007.parquet",
        ),
    ),
    SamplePattern(
        name="copy_orders", query_type="COPY", users=LOADER,
        schedule=daily((0, 12), (6, 12), (12, 12), (18, 12)), label="airflow",
        queue=Queue.LOADS, fixed_seconds=13.0,
        failures=Failures(
            failed_share=0.04,
            message="ERROR: Load into table 'stg_orders' failed.  Check 'sys_load_error_detail' "
            "system table for details.",
        ),
    ),
    SamplePattern(
        name="merge_orders", query_type="MERGE", users=LOADER,
        schedule=daily((0, 20), (6, 20), (12, 20), (18, 20)), label="airflow",
        queue=Queue.LOADS, plan=_merge_orders, slowdown=1.8,
        failures=Failures(failed_share=0.05, message=CONFLICT),
    ),
    SamplePattern(
        name="insert_order_lines", query_type="INSERT", users=LOADER,
        schedule=daily((0, 31), (6, 31), (12, 31), (18, 31)), label="airflow",
        queue=Queue.LOADS, plan=_insert_order_lines, slowdown=1.6,
    ),
    SamplePattern(
        name="insert_inventory", query_type="INSERT", users=LOADER, schedule=daily((1, 20)),
        label="airflow", queue=Queue.LOADS, plan=_insert_inventory, fixed_seconds=24.0,
    ),
    SamplePattern(
        name="delete_old_shipments", query_type="DELETE", users=LOADER,
        schedule=daily((1, 59), jitter_minutes=0.6), label="airflow", queue=Queue.LOADS,
        plan=_delete_old_shipments, fixed_seconds=112.0, compile_seconds=0.6,
    ),
    SamplePattern(
        name="update_deliveries", query_type="UPDATE", users=LOADER,
        schedule=daily((2, 0), (2, 0), (2, 0), jitter_minutes=1.3), label="airflow",
        queue=Queue.LOADS, variants=60, plan=_update_deliveries, fixed_seconds=2.2,
        waits_for="delete_old_shipments", compile_seconds=0.6,
        failures=Failures(
            failed_share=0.03,
            message="ERROR: 1023 DETAIL: Serializable isolation violation on table - 120482",
        ),
    ),
    SamplePattern(
        name="alter_returns_append", query_type="DDL", users=LOADER,
        schedule=workdays((9, 15), (13, 15), jitter_minutes=1), label="airflow",
        queue=Queue.LOADS, fixed_seconds=64.0, compile_seconds=0.0,
    ),
    SamplePattern(
        name="refresh_return_notes", query_type="UPDATE", users=("svc_helpdesk",),
        schedule=workdays((9, 14), (11, 40), (13, 15), (13, 16), (15, 20), jitter_minutes=2),
        label="helpdesk", variants=80, plan=_refresh_return_notes,
        waits_for="alter_returns_append",
    ),
    SamplePattern(
        name="backfill_shipments", query_type="INSERT", users=LOADER, schedule=daily((6, 40)),
        label="airflow-backfill", queue=Queue.LOADS, variants=26, fixed_seconds=330.0,
        noise=0.25, is_flood=True,
    ),
    SamplePattern(
        name="drop_customer_segments", query_type="DDL", users=("sci_vantreight",),
        schedule=once(SEGMENTS_REBUILT_DAYS_BEFORE, (2, 3)), label="jupyter",
        queue=Queue.LOADS, fixed_seconds=0.4, compile_seconds=0.0,
    ),
    SamplePattern(
        name="rebuild_customer_segments", query_type="CTAS", users=("sci_vantreight",),
        schedule=once(SEGMENTS_REBUILT_DAYS_BEFORE, SEGMENTS_REBUILT_AT), label="jupyter",
        queue=Queue.LOADS, fixed_seconds=260.0, failures=Failures(canceled_share=0.0),
    ),
    SamplePattern(
        name="backfill_inventory", query_type="INSERT", users=LOADER,
        schedule=once(INVENTORY_BACKFILLED_DAYS_BEFORE, INVENTORY_BACKFILLED_AT),
        label="airflow-backfill", queue=Queue.LOADS, fixed_seconds=1_500.0,
        failures=Failures(canceled_share=0.0),
    ),
    SamplePattern(
        name="unload_finance", query_type="UNLOAD", users=EXPORTER, schedule=daily((5, 50)),
        label="airflow", queue=Queue.LOADS, fixed_seconds=36.0, returned_rows=0,
    ),
    SamplePattern(
        name="unload_audience", query_type="UNLOAD", users=EXPORTER, schedule=office(1.5),
        label="marketing", variants=20, fixed_seconds=21.0,
        failures=Failures(
            failed_share=0.08,
            message="ERROR: Specified unload destination on S3 is not empty. "
            "Consider using ALLOWOVERWRITE",
        ),
    ),
)  # fmt: skip
