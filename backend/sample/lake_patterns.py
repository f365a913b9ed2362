"""The statements on the data lake, on materialized views, and the load that nobody reads."""

from backend.sample.lake_plans import lake_scan
from backend.sample.lake_tables import CLICK_ARCHIVE, ORDERS_ARCHIVE, LakeRead
from backend.sample.plan_builder import hash_aggregate, ordered, scan
from backend.sample.sample_pattern import Queue, SamplePattern
from backend.sample.sample_plan import SamplePlan
from backend.sample.schedule import Schedule, daily, office, shops
from backend.sample.warehouse import MV_CATEGORY_SALES, MV_STORE_TRAFFIC


def _click_archive_search() -> SamplePlan:
    """Every partition, every file, every column: the filter is of no use to Spectrum."""
    archive = lake_scan(
        LakeRead(
            table=CLICK_ARCHIVE, partitions=1_461, files=21_040, size_mb=25_400, listing_ms=8_300
        ),
        "click_archive",
        rows=94_000_000,
        actual_rows=148_000_000,
        width=640,
        cluster_filter="(json_extract_path_text(payload, 'customer'::text) = '31880642'::text)",
        lake_filter="((event_type)::text <> 'heartbeat'::text)",
        kept_rows=410,
    )
    return SamplePlan(root=ordered(archive, "event_time", limit=500))


def _archive_revenue() -> SamplePlan:
    """As it should be, but for reading the same months again and again."""
    archive = lake_scan(
        LakeRead(table=ORDERS_ARCHIVE, partitions=2, files=58, size_mb=12_300, listing_ms=160),
        "a",
        rows=640,
        actual_rows=642,
        width=20,
        lake_filter="((currency_code)::text = 'NOK'::text)",
        lake_aggregates=True,
    )
    return SamplePlan(root=hash_aggregate(archive, rows=640))


def _category_sales_tile() -> SamplePlan:
    return SamplePlan(
        root=scan(
            MV_CATEGORY_SALES, keeps=0.004, columns=0.6, width=28,
            where="((sold_on >= '2026-10-26'::date) AND ((category_code)::text = 'boots'::text))",
        )
    )  # fmt: skip


def _store_traffic_tile() -> SamplePlan:
    return SamplePlan(
        root=scan(
            MV_STORE_TRAFFIC, keeps=0.0004, columns=0.6, width=20,
            where="((visited_on >= '2026-10-26'::date) AND (store_id = 118))",
        )
    )  # fmt: skip


LAKE_PATTERNS = (
    SamplePattern(
        name="click_archive_search", query_type="SELECT", users=("svc_helpdesk",),
        schedule=office(2.4), label="helpdesk", variants=50, plan=_click_archive_search,
        noise=0.12, returned_rows=410, growth_in_28_days=0.0,
    ),
    SamplePattern(
        name="archive_revenue", query_type="SELECT", users=("bi_tableau",), schedule=shops(7),
        label="tableau", queue=Queue.DASHBOARDS, variants=60, plan=_archive_revenue,
        noise=0.1, returned_rows=640, growth_in_28_days=0.0,
    ),
    SamplePattern(
        name="refresh_category_sales", query_type="OTHER", users=("dbt_prod",),
        schedule=daily((5, 40)), label="dbt", queue=Queue.LOADS, fixed_seconds=94.0, noise=0.08,
        compile_seconds=0.4,
    ),
    SamplePattern(
        name="category_sales_tile", query_type="SELECT", users=("bi_looker",),
        schedule=shops(9), label="looker", queue=Queue.DASHBOARDS, variants=80,
        plan=_category_sales_tile, fixed_seconds=0.4, cache_hit_share=0.2, returned_rows=70,
    ),
    SamplePattern(
        name="store_traffic_tile", query_type="SELECT", users=("bi_looker",), schedule=shops(6),
        label="looker", queue=Queue.DASHBOARDS, variants=80, plan=_store_traffic_tile,
        fixed_seconds=0.3, returned_rows=7,
    ),
    SamplePattern(
        name="copy_click_raw", query_type="COPY", users=("etl_loader",),
        schedule=Schedule(at=((3, 6), (9, 6), (15, 6), (21, 6)), jitter_minutes=2),
        label="airflow", queue=Queue.LOADS, fixed_seconds=58.0, noise=0.15,
    ),
)  # fmt: skip
