-- The debits and credits of each purpose and currency, over the transactions whose
-- writer's id is in [horizon, ceiling), recorded until `at`.
SELECT wallet.purpose, entry.currency,
       coalesce(sum(entry.amount) FILTER (WHERE entry.side = 'debit'), 0),
       coalesce(sum(entry.amount) FILTER (WHERE entry.side = 'credit'), 0)
  FROM transactions_transaction AS transaction
  JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
  JOIN wallets_wallet AS wallet ON wallet.id = entry.wallet_id
 WHERE transaction.xid >= %(horizon)s::xid8
   AND (%(ceiling)s::xid8 IS NULL OR transaction.xid < %(ceiling)s::xid8)
   AND (%(at)s::timestamptz IS NULL OR transaction.recorded_at <= %(at)s)
 GROUP BY wallet.purpose, entry.currency
