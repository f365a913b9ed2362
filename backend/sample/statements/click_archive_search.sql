-- support asks: what did this visitor do back then?
select event_time, event_type, page_url
from lake.click_archive
where json_extract_path_text(payload, 'customer') = '$customer_id'
  and event_type <> 'heartbeat'
order by event_time
limit 500
