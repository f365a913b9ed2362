/* Looker: Stock cockpit */
select p.category_code, i.store_id, sum(i.on_hand) as on_hand, sum(i.reserved) as reserved,
       sum(i.on_hand * i.unit_cost) as stock_value
from retail.inventory_daily i
join retail.products p on p.product_id = i.product_id
where i.snapshot_date between '$quarter_ago' and '$day'
  and p.is_active
group by p.category_code, i.store_id
order by stock_value desc
limit 500
