/* Looker: Campaign attribution */
select s.campaign_code, s.landing_group, count(distinct e.session_id) as sessions,
       sum(e.cart_value) as cart_value
from retail.web_events e
join retail.web_sessions s on s.session_id = e.session_id
where e.event_time >= '$week_ago 00:00:00' and s.started_at >= '$week_ago 00:00:00'
  and e.event_type in ('product_view', 'add_to_cart', 'purchase')
group by s.campaign_code, s.landing_group
order by cart_value desc
