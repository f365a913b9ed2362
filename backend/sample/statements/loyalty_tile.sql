select loyalty_tier, count(*) as members, sum(loyalty_points) as points
from retail.customers
where customer_id in ($customer_ids)
group by loyalty_tier
