/* {"app": "dbt", "dbt_version": "1.9.4", "profile_name": "northlight", "target_name": "prod", "node_id": "model.northlight.order_payments"} */
create table mart.order_payments__dbt_tmp
distkey (order_id)
sortkey (order_date)
as (
  select o.order_id, o.order_date, o.store_id, sum(p.amount) as paid_amount,
         max(p.paid_at) as last_paid_at
  from retail.orders o
  join retail.payments p on p.order_id = o.order_id
  where o.order_date >= '$quarter_ago' and p.paid_at >= '$quarter_ago 00:00:00'
  group by o.order_id, o.order_date, o.store_id
)
