unload ('select order_id, order_date, store_id, total_amount from retail.orders where order_date between \'$month_ago\' and \'$day\' and status = \'invoiced\'')
to 's3://northlight-exports/finance/$day/orders_'
iam_role 'arn:aws:iam::000000000000:role/northlight-exporter'
format as parquet
