insert into retail.order_lines
select s.order_id, s.line_number, s.order_date, s.product_id, s.promotion_id, s.quantity, s.unit_price,
       s.discount_amount, s.net_amount, s.cost_amount, s.tax_amount, s.currency_code, s.fulfilment_code
from staging.stg_order_lines s
left join retail.orders o on o.order_id = s.order_id
where o.order_id is not null and s.order_date = '$day'
