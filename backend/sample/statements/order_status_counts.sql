select status, channel, count(*) as orders, sum(total_amount) as total_amount
from retail.orders
where order_date = '$day'
group by status, channel
