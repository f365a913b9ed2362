select order_id, order_date, store_id, customer_id, status, total_amount
from retail.orders
where order_date between '$week_ago' and '$day'
order by order_date, order_id
