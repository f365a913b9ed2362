update retail.shipments
set status = 'delivered', delivered_on = '$day'
where shipped_on between '$week_ago' and '$day' and warehouse_code = 'W$ticket' and status <> 'returned'
