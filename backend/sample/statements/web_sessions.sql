select session_id, visitor_id, event_time, event_type,
       row_number() over (partition by session_id order by event_time) as step_number,
       lag(event_type) over (partition by session_id order by event_time) as previous_event
from retail.web_events
where event_time >= '$day 00:00:00' and event_time < '$day 06:00:00'
  and country_code = '$country'
