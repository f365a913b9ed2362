select p.product_id, p.product_name, p.brand_name
from retail.products p
where p.is_active and p.category_code = '$category'
  and not exists (
    select 1 from staging.stg_inventory i
    where i.product_id = p.product_id and i.on_hand > 0
  )
order by p.product_name
