select su.supplier_name, su.country_code, count(distinct p.product_id) as products,
       sum(l.net_amount - l.cost_amount) as margin
from retail.order_lines l
join retail.products p on p.product_id = l.product_id
join retail.suppliers su on su.supplier_id = p.supplier_id
where l.order_date >= '$month_ago'
group by su.supplier_name, su.country_code
order by margin desc
limit 100
