select p.method, v.event_code, count(*) as events, sum(p.amount) as amount
from retail.payments p
join retail.payment_events v on v.payment_id = p.payment_id
where p.paid_at >= '$week_ago 00:00:00' and v.occurred_at >= '$week_ago 00:00:00'
group by p.method, v.event_code
order by amount desc
