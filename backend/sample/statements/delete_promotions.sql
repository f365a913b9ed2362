delete from retail.promotions
where ends_on < '$two_years_ago' and status = 'expired'
