-- conversion funnel, asked for by $person <$email>
select event_type, device_type, count(distinct session_id) as sessions
from retail.web_events
where cast(event_time as date) = '$day'
  and event_type in ('page_view', 'add_to_cart', 'checkout', 'purchase')
  and not is_bot
group by event_type, device_type
order by event_type, device_type
