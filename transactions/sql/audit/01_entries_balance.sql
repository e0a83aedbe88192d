-- Per transaction and currency, debits equal credits.
SELECT transaction_id::text AS offender,
       format('%s: debits %s, credits %s', currency, debits, credits) AS detail
  FROM (
        SELECT transaction_id, currency
          FROM transactions_entry
         GROUP BY transaction_id, currency
        HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0
       ) AS unbalanced
 CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0) AS debits,
               coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0) AS credits
          FROM transactions_entry AS entry
         WHERE entry.transaction_id = unbalanced.transaction_id
           AND entry.currency = unbalanced.currency
       ) AS total
