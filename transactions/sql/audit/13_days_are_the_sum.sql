-- The totals of the days are the sums of all entries below their horizon.
WITH sums AS (
    SELECT (transaction.recorded_at AT TIME ZONE 'UTC')::date AS day,
           transaction.type, entry.currency,
           count(*) FILTER (WHERE entry.line = 1) AS transactions,
           coalesce(sum(entry.amount) FILTER (
               WHERE wallet.purpose = 'customer' AND entry.side = 'debit'), 0)
               AS debits,
           coalesce(sum(entry.amount) FILTER (
               WHERE wallet.purpose = 'customer' AND entry.side = 'credit'), 0)
               AS credits
      FROM transactions_transaction AS transaction
      JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
      JOIN wallets_wallet AS wallet ON wallet.id = entry.wallet_id
     WHERE transaction.xid < (SELECT horizon FROM transactions_dayhorizon)
     GROUP BY 1, 2, 3
)
SELECT format('%s %s %s', coalesce(total.day, sums.day),
              coalesce(total.type, sums.type),
              coalesce(total.currency, sums.currency)) AS offender,
       format('added up: %s, debits %s, credits %s; entries: %s, %s, %s',
              total.transactions, total.debits, total.credits,
              sums.transactions, sums.debits, sums.credits) AS detail
  FROM transactions_daytotal AS total
  FULL JOIN sums ON sums.day = total.day AND sums.type = total.type
   AND sums.currency = total.currency
 WHERE (total.transactions, total.debits, total.credits)
       IS DISTINCT FROM (sums.transactions, sums.debits, sums.credits)
