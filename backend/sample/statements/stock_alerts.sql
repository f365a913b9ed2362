/* Looker: Stock alerts */
select store_id, count(*) as scarce_products
from mart.stock_cover
where snapshot_date = '$day' and available < 12
group by store_id
order by scarce_products desc
