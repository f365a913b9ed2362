create table science.churn_features__tmp as
select c.customer_id, c.loyalty_tier, c.churn_score, y.has_churned,
       v.order_count, v.net_amount, v.return_share
from northlight.retail.customers c
join northlight.mart.customer_ltv v on v.customer_id = c.customer_id
join science.churn_labels y on y.customer_id = c.customer_id
where y.cohort_code = '$cohort'
