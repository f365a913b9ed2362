alter table retail.returns append from staging.stg_returns
