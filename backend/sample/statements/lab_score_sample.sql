select y.customer_id, y.has_churned, v.order_count, v.return_share
from science.churn_labels y
join northlight.mart.customer_ltv v on v.customer_id = y.customer_id
where y.cohort_code = '$cohort' and v.net_amount > $amount
limit 50000
