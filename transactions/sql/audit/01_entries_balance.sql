-- Per transaction and currency, debits equal credits.
SELECT transaction_id::text AS offender,
       format('%s: debits %s, credits %s', currency,
              coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0),
              coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0)) AS detail
  FROM transactions_entry
 GROUP BY transaction_id, currency
HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0
