select sum(net_amount) as revenue, count(distinct order_id) as orders
from retail.order_lines
where order_date = '$day' and currency_code = '$currency'
