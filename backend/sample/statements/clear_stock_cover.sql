delete from mart.stock_cover
where snapshot_date <= '$day'
