select category_code, net_amount, quantity
from mart.mv_category_sales
where sold_on >= '$week_ago' and category_code = '$category'
