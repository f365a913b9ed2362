copy retail.click_raw
from 's3://northlight-landing/clicks/dt=$day/hour=$hour/'
iam_role 'arn:aws:iam::000000000000:role/northlight-loader'
json 'auto' gzip compupdate off timeformat 'auto'
