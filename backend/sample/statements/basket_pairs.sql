/* which products go together? */
select a.product_id as product_a, b.product_id as product_b, count(*) as baskets
from retail.order_lines a
join retail.order_lines b on a.order_id = b.order_id and a.product_id < b.product_id
where a.order_date between '$month_ago' and '$day'
  and b.order_date between '$month_ago' and '$day'
group by a.product_id, b.product_id
having count(*) > $minimum
order by baskets desc
limit 1000
