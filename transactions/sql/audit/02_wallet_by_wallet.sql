-- entries_fit_their_wallets: Entries are positive, in their wallet's currency, and
-- numbered if and only if the wallet is a customer's.
-- folds_are_the_sum: The totals of the last fold are the sums of all entries but those
-- at and above its horizon.
WITH booked AS MATERIALIZED (
    SELECT wallet_id, currency, side,
           sum(amount) AS amount,
           min(amount) AS least_amount,
           count(*) AS entries,
           count(wallet_version) AS numbered,
           count(balance_after) AS with_balance
      FROM transactions_entry
     GROUP BY wallet_id, currency, side
),
unfit AS (
    SELECT
      FROM booked
      LEFT JOIN wallets_wallet AS wallet ON wallet.id = booked.wallet_id
     WHERE wallet.id IS NULL
        OR wallet.currency_id <> booked.currency
        OR booked.least_amount <= 0
        OR booked.side NOT IN ('debit', 'credit')
        OR booked.numbered <> booked.with_balance
        OR booked.numbered
           <> CASE WHEN wallet.owner_id IS NULL THEN 0 ELSE booked.entries END
),
last_fold AS (
    SELECT id, horizon FROM transactions_fold ORDER BY made_at DESC, id DESC LIMIT 1
),
below_horizon AS (
    SELECT wallet_id, currency, side, amount FROM booked
     WHERE EXISTS (SELECT FROM last_fold)
    UNION ALL
    SELECT entry.wallet_id, entry.currency, entry.side, -entry.amount
      FROM transactions_transaction AS transaction
      JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
     WHERE transaction.xid >= (SELECT horizon FROM last_fold)
),
sums AS (
    SELECT wallet.purpose, entry.currency,
           coalesce(sum(entry.amount) FILTER (WHERE entry.side = 'debit'), 0)
               AS debits,
           coalesce(sum(entry.amount) FILTER (WHERE entry.side = 'credit'), 0)
               AS credits
      FROM below_horizon AS entry
      JOIN wallets_wallet AS wallet ON wallet.id = entry.wallet_id
     GROUP BY wallet.purpose, entry.currency
)
SELECT 'entries_fit_their_wallets' AS law,
       format('%s line %s', entry.transaction_id, entry.line) AS offender,
       format('%s %s %s on wallet %s', entry.side, entry.amount, entry.currency,
              coalesce(wallet.id::text, 'missing')) AS detail
  FROM transactions_entry AS entry
  LEFT JOIN wallets_wallet AS wallet ON wallet.id = entry.wallet_id
 -- Only when the figures of a wallet say so, all entries are read one by one.
 WHERE EXISTS (SELECT FROM unfit)
   AND (wallet.id IS NULL
        OR wallet.currency_id <> entry.currency
        OR entry.amount <= 0
        OR entry.side NOT IN ('debit', 'credit')
        OR (wallet.owner_id IS NULL) <> (entry.wallet_version IS NULL)
        OR (wallet.owner_id IS NULL) <> (entry.balance_after IS NULL))
UNION ALL
SELECT 'folds_are_the_sum',
       format('%s %s', coalesce(total.purpose, sums.purpose),
              coalesce(total.currency, sums.currency)),
       format('folded: debits %s, credits %s; entries: debits %s, credits %s',
              total.debits, total.credits, sums.debits, sums.credits)
  FROM (SELECT * FROM transactions_foldtotal
         WHERE fold_id = (SELECT id FROM last_fold)) AS total
  FULL JOIN sums
    ON sums.purpose = total.purpose AND sums.currency = total.currency
 WHERE (coalesce(total.debits, 0), coalesce(total.credits, 0))
       <> (coalesce(sums.debits, 0), coalesce(sums.credits, 0))
