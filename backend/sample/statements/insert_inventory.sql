insert into retail.inventory_daily
select snapshot_date, product_id, store_id, on_hand, reserved, on_order, unit_cost, bin_code
from staging.stg_inventory
where snapshot_date = '$day'
