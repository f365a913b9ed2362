select m.sold_on, d.season_code, sum(m.net_amount) as net_amount
from mart.daily_store_sales m
join retail.dates d on d.calendar_date = m.sold_on
where m.store_id = $store_id and m.sold_on >= '$quarter_ago'
group by m.sold_on, d.season_code
order by m.sold_on
