-- whom to write to: nothing bought since last week
select c.loyalty_tier, count(*) as customers
from retail.customers c
where c.country_code = '$country'
  and c.customer_id not in (
    select customer_id from retail.orders where order_date >= '$week_ago'
  )
group by c.loyalty_tier
order by c.loyalty_tier
