copy retail.web_events
from 's3://northlight-landing/web_events/dt=$day/hour=$hour/'
iam_role 'arn:aws:iam::000000000000:role/northlight-loader'
format as parquet
