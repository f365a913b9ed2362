select a.store_id, sum(a.net_amount) as net_amount, count(*) as order_count
from lake.orders_archive a
where a.order_month >= '$month_ago'
  and a.currency_code = '$currency'
group by a.store_id
