/* Tableau: Category trend */
select p.category_code, d.iso_week, sum(l.net_amount) as net_amount, sum(l.quantity) as quantity
from retail.order_lines l
join retail.products p on p.product_id = l.product_id
join retail.dates d on d.calendar_date = l.order_date
where l.order_date >= '$quarter_ago' and l.order_date <= '$day'
  and p.category_code in ($categories)
group by p.category_code, d.iso_week
order by p.category_code, d.iso_week
