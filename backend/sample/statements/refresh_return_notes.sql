update retail.returns
set note = 'Handled by $person, refund to $email', handled_by = '$last_name'
where return_id = $customer_id
