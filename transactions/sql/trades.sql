-- What each transaction recorded in (after, until] changed in the house's positions,
-- in the order of recording: one row per transaction and currency. A credit makes the
-- house longer. A reversal is of the price of what it undoes, and so of its time.
SELECT transaction.id,
       transaction.recorded_at,
       coalesce(undone.recorded_at, transaction.recorded_at) AS priced_at,
       transaction.reverses_id IS NOT NULL AS undoes,
       entry.currency,
       sum(CASE entry.side WHEN 'credit' THEN entry.amount ELSE -entry.amount END)
           AS change
  FROM transactions_transaction AS transaction
  JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
  JOIN wallets_wallet AS wallet
    ON wallet.id = entry.wallet_id AND wallet.purpose = 'fx_position'
  LEFT JOIN transactions_transaction AS undone ON undone.id = transaction.reverses_id
 WHERE transaction.recorded_at > %(after)s
   AND (%(until)s::timestamptz IS NULL OR transaction.recorded_at <= %(until)s)
 GROUP BY transaction.id, undone.recorded_at, entry.currency
HAVING sum(CASE entry.side WHEN 'credit' THEN entry.amount ELSE -entry.amount END) <> 0
 ORDER BY transaction.recorded_at, transaction.id, entry.currency
