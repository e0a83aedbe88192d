-- What the house holds of these currencies: the last fold, and what came after it.
WITH last_fold AS (
    SELECT id, horizon FROM transactions_fold ORDER BY made_at DESC, id DESC LIMIT 1
)
SELECT currency, sum(change)
  FROM (
    SELECT total.currency, total.credits - total.debits AS change
      FROM transactions_foldtotal AS total
      JOIN last_fold ON last_fold.id = total.fold_id
     WHERE total.purpose = 'fx_position' AND total.currency = ANY(%(currencies)s)
    UNION ALL
    SELECT entry.currency,
           CASE entry.side WHEN 'credit' THEN entry.amount ELSE -entry.amount END
      FROM transactions_transaction AS transaction
      JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
     WHERE transaction.xid >= coalesce((SELECT horizon FROM last_fold), '0'::xid8)
       AND entry.wallet_id = ANY(%(wallets)s::uuid[])
  ) AS part
 GROUP BY currency
