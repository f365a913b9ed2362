/* Looker: CRM segments */
select g.segment_code, count(distinct o.customer_id) as customers,
       sum(o.total_amount) as total_amount, avg(o.total_amount) as average_order
from retail.orders o
join retail.customers c on c.customer_id = o.customer_id
join crm.customer_segments g on g.customer_id = c.customer_id
where o.order_date between '$month_ago' and '$day'
  and g.valid_to is null
group by g.segment_code
order by total_amount desc
