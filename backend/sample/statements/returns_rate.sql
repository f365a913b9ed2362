/* Looker: Returns */
select p.category_code, r.reason_code, count(*) as returned, sum(r.refund_amount) as refunded
from retail.returns r
join retail.products p on p.product_id = r.product_id
where r.returned_on >= '$month_ago'
group by p.category_code, r.reason_code
order by refunded desc
