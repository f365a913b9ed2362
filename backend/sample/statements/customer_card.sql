select *
from retail.customers
where email = '$email' or (last_name = '$last_name' and postal_code = '$postal_code')
