select store_id, visits, conversion_rate
from mart.mv_store_traffic
where visited_on >= '$week_ago' and store_id = $store_id
