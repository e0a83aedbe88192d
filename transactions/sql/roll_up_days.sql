-- Adds to the days what was decided since the last time or, if that is less, the next
-- %(transactions)s transactions and all of the last one's writer; says whether there is
-- more. Whoever runs it has locked the horizon in a statement before, so that this
-- one's snapshot sees where the last ended.
WITH
last_writer AS (
    SELECT xid
      FROM transactions_transaction
     WHERE xid >= (SELECT horizon FROM transactions_dayhorizon)
     ORDER BY xid, id
    OFFSET %(transactions)s - 1
     LIMIT 1
),
span AS (
    SELECT horizon AS since,
           least(pg_snapshot_xmin(pg_current_snapshot()),
                 (SELECT min(xid) FROM transactions_transaction
                   WHERE xid > (SELECT xid FROM last_writer))) AS until
      FROM transactions_dayhorizon
),
moved AS (
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
     WHERE transaction.xid >= (SELECT since FROM span)
       AND transaction.xid < (SELECT until FROM span)
     GROUP BY 1, 2, 3
),
added AS (
    INSERT INTO transactions_daytotal AS total
           (day, type, currency, transactions, debits, credits)
    SELECT day, type, currency, transactions, debits, credits FROM moved
    ON CONFLICT (day, type, currency) DO UPDATE SET
           transactions = total.transactions + excluded.transactions,
           debits = total.debits + excluded.debits,
           credits = total.credits + excluded.credits
)
UPDATE transactions_dayhorizon SET horizon = (SELECT until FROM span)
RETURNING horizon < pg_snapshot_xmin(pg_current_snapshot())
