select s.carrier_id, r.reason_code, count(*) as parcels, sum(r.refund_amount) as refunded
from retail.returns r
join retail.shipments s on s.order_id = r.order_id
where s.shipped_on >= '$quarter_ago'
  and r.condition_code = 'damaged'
group by s.carrier_id, r.reason_code
order by refunded desc
