update retail.promotions
set status = 'active', budget_amount = budget_amount + $amount, updated_at = '$day 02:00:00'
where starts_on <= '$day' and ends_on >= '$day' and category_code = '$category'
