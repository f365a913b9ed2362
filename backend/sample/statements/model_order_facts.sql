/* {"app": "dbt", "dbt_version": "1.9.4", "profile_name": "northlight", "target_name": "prod", "node_id": "model.northlight.order_facts"} */
create table mart.order_facts__dbt_tmp
distkey (order_id)
sortkey (order_date)
as (
  select o.order_id, o.order_date, o.customer_id, o.store_id, o.status,
         count(*) as line_count, sum(l.net_amount) as net_amount
  from retail.orders o
  join retail.order_lines l on l.order_id = o.order_id
  where o.order_date >= '$week_ago' and l.order_date >= '$week_ago'
  group by o.order_id, o.order_date, o.customer_id, o.store_id, o.status
)
