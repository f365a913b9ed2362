/* {"app": "dbt", "dbt_version": "1.9.4", "profile_name": "northlight", "target_name": "prod", "node_id": "model.northlight.daily_store_sales"} */
create table mart.daily_store_sales__dbt_tmp
diststyle all
sortkey (sold_on)
as (
  select f.sold_on, f.store_id, p.category_code, sum(f.quantity) as quantity,
         sum(f.net_amount) as net_amount, sum(f.cost_amount) as cost_amount,
         count(distinct f.sale_id) as basket_count
  from retail.sales f
  join retail.products p on p.product_id = f.product_id
  where f.sold_on >= '$quarter_ago'
  group by f.sold_on, f.store_id, p.category_code
)
