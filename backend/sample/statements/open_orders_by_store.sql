select o.store_id, s.store_name, count(*) as open_orders, min(o.ordered_at) as oldest
from retail.orders o
join retail.stores s on s.store_id = o.store_id
where o.order_date >= '$week_ago' and o.status = 'open' and s.country_code = '$country'
group by o.store_id, s.store_name
order by open_orders desc
