/* Tableau: Store performance / $region / workbook owner $person */
select s.region_name, s.store_name, f.sold_on,
       sum(f.net_amount) as net_amount, sum(f.cost_amount) as cost_amount,
       count(distinct f.sale_id) as baskets
from retail.sales f
join retail.stores s on s.store_id = f.store_id
join retail.dates d on d.calendar_date = f.sold_on
where f.sold_on between '$month_ago' and '$day'
  and s.region_name = '$region'
group by s.region_name, s.store_name, f.sold_on
order by s.region_name, s.store_name, f.sold_on
