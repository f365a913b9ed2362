unload ('select first_name, last_name, email, phone from retail.customers where marketing_opt_in and country_code = \'$country\' and email <> \'$email\'')
to 's3://northlight-exports/marketing/$day/audience_'
iam_role 'arn:aws:iam::000000000000:role/northlight-exporter'
csv header gzip parallel off
