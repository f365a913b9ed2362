-- ticket CS-$ticket: what did $person ($email) pay for?
select o.order_id, o.ordered_at, o.total_amount, p.method, p.amount, p.status
from retail.orders o
join retail.payments p on p.order_id = o.order_id
where o.order_date >= '$quarter_ago'
  and p.paid_at >= '$quarter_ago 00:00:00'
  and p.status = 'settled'
  and p.amount > $amount
order by o.ordered_at
limit 20000
