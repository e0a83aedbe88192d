-- The totals of the last fold are the sums of all entries below its horizon.
WITH last_fold AS (
    SELECT id, horizon FROM transactions_fold ORDER BY made_at DESC, id DESC LIMIT 1
),
sums AS (
    SELECT wallet.purpose, entry.currency,
           coalesce(sum(entry.amount) FILTER (WHERE entry.side = 'debit'), 0)
               AS debits,
           coalesce(sum(entry.amount) FILTER (WHERE entry.side = 'credit'), 0)
               AS credits
      FROM transactions_entry AS entry
      JOIN transactions_transaction AS transaction
        ON transaction.id = entry.transaction_id
      JOIN wallets_wallet AS wallet ON wallet.id = entry.wallet_id
     WHERE transaction.xid < (SELECT horizon FROM last_fold)
     GROUP BY wallet.purpose, entry.currency
)
SELECT format('%s %s', coalesce(total.purpose, sums.purpose),
              coalesce(total.currency, sums.currency)) AS offender,
       format('folded: debits %s, credits %s; entries: debits %s, credits %s',
              total.debits, total.credits, sums.debits, sums.credits) AS detail
  FROM (SELECT * FROM transactions_foldtotal
         WHERE fold_id = (SELECT id FROM last_fold)) AS total
  FULL JOIN sums
    ON sums.purpose = total.purpose AND sums.currency = total.currency
 WHERE (coalesce(total.debits, 0), coalesce(total.credits, 0))
       <> (coalesce(sums.debits, 0), coalesce(sums.credits, 0))
