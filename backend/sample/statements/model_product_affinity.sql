/* {"app": "dbt", "dbt_version": "1.9.4", "profile_name": "northlight", "target_name": "prod", "node_id": "model.northlight.product_affinity"} */
insert into mart.product_affinity
select e.product_id, c.loyalty_tier, count(distinct e.session_id) as sessions
from retail.web_events e
join retail.customers c on c.customer_id = e.customer_id
where e.event_time >= '$week_ago 00:00:00' and e.event_time < '$day 00:00:00'
  and e.event_type = 'page_view'
group by e.product_id, c.loyalty_tier
