drop table if exists crm.customer_segments
