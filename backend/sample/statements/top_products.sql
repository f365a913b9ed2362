select p.product_id, p.product_name, p.brand_name, sum(l.net_amount) as net_amount
from retail.order_lines l
join retail.products p on l.product_id = p.product_id
where l.order_date >= '$week_ago' and p.category_code = '$category'
group by p.product_id, p.product_name, p.brand_name
order by net_amount desc
limit 50
