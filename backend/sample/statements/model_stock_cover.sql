/* {"app": "dbt", "dbt_version": "1.9.4", "profile_name": "northlight", "target_name": "prod", "node_id": "model.northlight.stock_cover"} */
insert into mart.stock_cover
select i.snapshot_date, i.product_id, i.store_id, i.on_hand, i.on_hand - i.reserved as available
from staging.stg_inventory i
join retail.products p on p.product_id = i.product_id
where i.snapshot_date = '$day' and p.is_active
