select c.carrier_name, s.warehouse_code, count(*) as parcels,
       avg(datediff(day, s.promised_on, s.delivered_on)) as days_late
from retail.shipments s
join retail.carriers c on c.carrier_id = s.carrier_id
where s.shipped_on between '$week_ago' and '$day'
group by c.carrier_name, s.warehouse_code
order by days_late desc
