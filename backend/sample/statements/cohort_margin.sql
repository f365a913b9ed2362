/* cohort margin by month after first order; owner $person <$email> */
with first_orders as (
  select customer_id, min(order_date) as first_order_on
  from retail.orders
  where order_date >= '$two_years_ago'
  group by customer_id
), lines as (
  select o.customer_id, f.first_order_on,
         datediff(month, f.first_order_on, l.order_date) as months_after,
         l.net_amount - l.cost_amount as margin
  from retail.orders o
  join first_orders f on f.customer_id = o.customer_id
  join retail.order_lines l on l.order_id = o.order_id
  where l.order_date between '$two_years_ago' and '$day'
)
select date_trunc('month', first_order_on) as cohort,
       count(distinct customer_id) as customers,
       -- month 0: margin, and customers who bought again
       sum(case when months_after = 0 then margin else 0 end) as margin_month_00,
       count(distinct case when months_after = 0 then customer_id end) as customers_month_00,
       -- month 1: margin, and customers who bought again
       sum(case when months_after = 1 then margin else 0 end) as margin_month_01,
       count(distinct case when months_after = 1 then customer_id end) as customers_month_01,
       -- month 2: margin, and customers who bought again
       sum(case when months_after = 2 then margin else 0 end) as margin_month_02,
       count(distinct case when months_after = 2 then customer_id end) as customers_month_02,
       -- month 3: margin, and customers who bought again
       sum(case when months_after = 3 then margin else 0 end) as margin_month_03,
       count(distinct case when months_after = 3 then customer_id end) as customers_month_03,
       -- month 4: margin, and customers who bought again
       sum(case when months_after = 4 then margin else 0 end) as margin_month_04,
       count(distinct case when months_after = 4 then customer_id end) as customers_month_04,
       -- month 5: margin, and customers who bought again
       sum(case when months_after = 5 then margin else 0 end) as margin_month_05,
       count(distinct case when months_after = 5 then customer_id end) as customers_month_05,
       -- month 6: margin, and customers who bought again
       sum(case when months_after = 6 then margin else 0 end) as margin_month_06,
       count(distinct case when months_after = 6 then customer_id end) as customers_month_06,
       -- month 7: margin, and customers who bought again
       sum(case when months_after = 7 then margin else 0 end) as margin_month_07,
       count(distinct case when months_after = 7 then customer_id end) as customers_month_07,
       -- month 8: margin, and customers who bought again
       sum(case when months_after = 8 then margin else 0 end) as margin_month_08,
       count(distinct case when months_after = 8 then customer_id end) as customers_month_08,
       -- month 9: margin, and customers who bought again
       sum(case when months_after = 9 then margin else 0 end) as margin_month_09,
       count(distinct case when months_after = 9 then customer_id end) as customers_month_09,
       -- month 10: margin, and customers who bought again
       sum(case when months_after = 10 then margin else 0 end) as margin_month_10,
       count(distinct case when months_after = 10 then customer_id end) as customers_month_10,
       -- month 11: margin, and customers who bought again
       sum(case when months_after = 11 then margin else 0 end) as margin_month_11,
       count(distinct case when months_after = 11 then customer_id end) as customers_month_11,
       -- month 12: margin, and customers who bought again
       sum(case when months_after = 12 then margin else 0 end) as margin_month_12,
       count(distinct case when months_after = 12 then customer_id end) as customers_month_12,
       -- month 13: margin, and customers who bought again
       sum(case when months_after = 13 then margin else 0 end) as margin_month_13,
       count(distinct case when months_after = 13 then customer_id end) as customers_month_13,
       -- month 14: margin, and customers who bought again
       sum(case when months_after = 14 then margin else 0 end) as margin_month_14,
       count(distinct case when months_after = 14 then customer_id end) as customers_month_14,
       -- month 15: margin, and customers who bought again
       sum(case when months_after = 15 then margin else 0 end) as margin_month_15,
       count(distinct case when months_after = 15 then customer_id end) as customers_month_15,
       -- month 16: margin, and customers who bought again
       sum(case when months_after = 16 then margin else 0 end) as margin_month_16,
       count(distinct case when months_after = 16 then customer_id end) as customers_month_16,
       -- month 17: margin, and customers who bought again
       sum(case when months_after = 17 then margin else 0 end) as margin_month_17,
       count(distinct case when months_after = 17 then customer_id end) as customers_month_17,
       -- month 18: margin, and customers who bought again
       sum(case when months_after = 18 then margin else 0 end) as margin_month_18,
       count(distinct case when months_after = 18 then customer_id end) as customers_month_18,
       -- month 19: margin, and customers who bought again
       sum(case when months_after = 19 then margin else 0 end) as margin_month_19,
       count(distinct case when months_after = 19 then customer_id end) as customers_month_19,
       -- month 20: margin, and customers who bought again
       sum(case when months_after = 20 then margin else 0 end) as margin_month_20,
       count(distinct case when months_after = 20 then customer_id end) as customers_month_20,
       -- month 21: margin, and customers who bought again
       sum(case when months_after = 21 then margin else 0 end) as margin_month_21,
       count(distinct case when months_after = 21 then customer_id end) as customers_month_21,
       -- month 22: margin, and customers who bought again
       sum(case when months_after = 22 then margin else 0 end) as margin_month_22,
       count(distinct case when months_after = 22 then customer_id end) as customers_month_22,
       -- month 23: margin, and customers who bought again
       sum(case when months_after = 23 then margin else 0 end) as margin_month_23,
       count(distinct case when months_after = 23 then customer_id end) as customers_month_23,
       -- month 24: margin, and customers who bought again
       sum(case when months_after = 24 then margin else 0 end) as margin_month_24,
       count(distinct case when months_after = 24 then customer_id end) as customers_month_24,
       sum(margin) as margin_total
from lines
group by date_trunc('month', first_order_on)
order by cohort
