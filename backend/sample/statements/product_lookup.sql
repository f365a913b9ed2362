select product_id, sku, product_name, list_price
from retail.products
where sku = '$sku' or product_name ilike '%$word%'
