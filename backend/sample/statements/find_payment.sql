-- chargeback $ticket, card holder $person, call back +47 5550 $ticket
select payment_id, order_id, paid_at, method, amount, status, gateway_ref
from retail.payments
where card_number = '$card'
  and card_holder = '$person'
  and paid_at >= '$quarter_ago 00:00:00'
order by paid_at desc
