delete from retail.shipments
where shipped_on < '$two_years_ago' and status = 'delivered'
