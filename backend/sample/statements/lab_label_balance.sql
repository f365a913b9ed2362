select cohort_code, has_churned, count(*) as customers
from science.churn_labels
where labelled_on >= '$quarter_ago'
group by cohort_code, has_churned
order by cohort_code, has_churned
