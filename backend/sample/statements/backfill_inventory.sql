insert into retail.inventory_daily
select snapshot_date, product_id, store_id, on_hand, reserved, on_order, unit_cost, bin_code
from staging.stg_inventory_backfill
where snapshot_date between '$two_years_ago' and '$month_ago'
