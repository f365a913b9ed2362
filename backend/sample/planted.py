"""What is wrong with the sample on purpose, for whoever measures how well it is found."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Planted:
    """`subject` is a statement's name, or what a finding across all patterns names: a queue, a
    table, a materialized view, or again a statement (then `is_across` is true)."""

    subject: str
    check: str
    is_across: bool = False


PLANTED: tuple[Planted, ...] = (
    Planted(subject="click_archive_search", check="no_partition_pruning"),
    Planted(subject="click_archive_search", check="non_columnar_format"),
    Planted(subject="click_archive_search", check="small_lake_files"),
    Planted(subject="click_archive_search", check="not_pushed_down"),
    Planted(subject="archive_revenue", check="repeated_lake_scans"),
    Planted(subject="click_archive_search", check="repeated_lake_scans"),
    Planted(subject="copy_orders", check="copy_file_count"),
    Planted(subject="refresh_category_sales", check="full_view_refresh"),
    Planted(subject="store_traffic_tile", check="stale_materialized_view"),
    Planted(subject="queue loads", check="queue_pressure", is_across=True),
    Planted(subject="queue front desk", check="queue_pressure", is_across=True),
    Planted(subject="backfill_shipments", check="wait_blame", is_across=True),
    Planted(subject="delete_old_shipments", check="lock_blame", is_across=True),
    Planted(subject="alter_returns_append", check="lock_blame", is_across=True),
    Planted(subject="", check="heavy_concurrency_scaling", is_across=True),
    Planted(subject="retail.click_raw", check="unread_tables", is_across=True),
    Planted(subject="retail.web_events_2023", check="unread_tables", is_across=True),
    Planted(subject="mart.mv_category_sales", check="view_upkeep", is_across=True),
    Planted(subject="mart.mv_store_traffic", check="view_upkeep", is_across=True),
    Planted(subject="mart.mv_daily_returns", check="view_upkeep", is_across=True),
)
