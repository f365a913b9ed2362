select search_term, count(*) as searches
from retail.web_events
where event_time >= '$week_ago 00:00:00' and search_term like '%$word%'
group by search_term
order by searches desc
limit 100
