/* {"app": "dbt", "dbt_version": "1.9.4", "profile_name": "northlight", "target_name": "prod", "node_id": "model.northlight.customer_ltv"} */
create table mart.customer_ltv__dbt_tmp
distkey (customer_id)
sortkey (customer_id)
as (
  select o.customer_id, min(o.order_date) as first_order_on,
         count(distinct o.order_id) as order_count, sum(l.net_amount) as net_amount,
         sum(l.net_amount - l.cost_amount) as margin_amount
  from retail.orders o
  join retail.order_lines l on l.order_id = o.order_id
  where o.order_date >= '$two_years_ago'
  group by o.customer_id
)
