merge into retail.orders
using staging.stg_orders s on retail.orders.order_id = s.order_id
when matched then update set status = s.status, total_amount = s.total_amount, updated_at = s.updated_at
when not matched then insert (order_id, customer_id, store_id, order_date, ordered_at, status, channel, total_amount)
values (s.order_id, s.customer_id, s.store_id, s.order_date, s.ordered_at, s.status, s.channel, s.total_amount)
