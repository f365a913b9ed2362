/* Looker: Promotion uplift */
select pr.promotion_name, pr.category_code, sum(l.net_amount) as net_amount,
       sum(l.discount_amount) as discount_amount
from retail.order_lines l
join retail.products p on p.product_id = l.product_id
join retail.promotions pr on l.order_date >= pr.starts_on and l.order_date <= pr.ends_on
where l.order_date >= '$day'::date - 2
  and pr.status = 'active'
group by pr.promotion_name, pr.category_code
