insert into retail.shipments
select shipment_id, order_id, carrier_id, warehouse_code, shipped_on, promised_on, delivered_on,
       weight_grams, cost_amount, tracking_code, status
from staging.stg_shipments_backfill
where shipped_on between '$two_years_ago' and '$day' and warehouse_code = 'W$ticket'
