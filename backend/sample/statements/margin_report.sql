/* month-end margin, prepared for $person (finance) */
select l.order_id, o.customer_id, o.store_id, p.category_code,
       sum(l.net_amount) as net_amount, sum(l.cost_amount) as cost_amount,
       sum(l.net_amount - l.cost_amount) as margin
from retail.order_lines l
join retail.orders o on o.order_id = l.order_id
join retail.products p on p.product_id = l.product_id
where l.order_date between '$quarter_ago' and '$day'
group by l.order_id, o.customer_id, o.store_id, p.category_code
having sum(l.net_amount - l.cost_amount) < 0
order by margin
