copy staging.stg_orders
from 's3://northlight-landing/orders/$day/manifest-$ticket.json'
credentials 'aws_access_key_id=$access_key;aws_secret_access_key=$secret_key'
gzip csv delimiter '|' ignoreheader 1 timeformat 'auto' maxerror 10
