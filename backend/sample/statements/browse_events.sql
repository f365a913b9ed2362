select *
from retail.web_events
where event_time >= '$day 08:00:00' and event_time < '$day 08:30:00'
  and customer_id = $customer_id
limit 1000
