-- Adds a fold: the totals of the last fold, plus the transactions between its horizon
-- and the one of this statement or, if that is less, the next %(transactions)s of them
-- and all of the last one's writer; nothing if there are none. Returns whether there
-- are more to fold. All in one statement and so in one snapshot, below whose xmin every
-- transaction is decided.
WITH
last_fold AS (
    SELECT id, horizon FROM transactions_fold ORDER BY made_at DESC, id DESC LIMIT 1
),
since AS (
    SELECT coalesce((SELECT horizon FROM last_fold), '0'::xid8) AS xid
),
last_writer AS (
    SELECT xid
      FROM transactions_transaction
     WHERE xid >= (SELECT xid FROM since)
     ORDER BY xid, id
    OFFSET %(transactions)s - 1
     LIMIT 1
),
step AS (
    SELECT least(pg_snapshot_xmin(pg_current_snapshot()),
                 (SELECT min(xid) FROM transactions_transaction
                   WHERE xid > (SELECT xid FROM last_writer))) AS horizon,
           (SELECT min(xid) FROM transactions_transaction
             WHERE xid >= (SELECT xid FROM since))
               AS first_writer
),
new_fold AS (
    INSERT INTO transactions_fold (made_at, horizon, ceiling)
    -- The clock, and not the start of the statement: after the snapshot, so nothing
    -- below the horizon was recorded later than that.
    SELECT clock_timestamp(), horizon, pg_snapshot_xmax(pg_current_snapshot())
      FROM step
     WHERE first_writer < horizon
    RETURNING id, horizon
),
sums AS (
    SELECT total.purpose, total.currency, total.debits, total.credits
      FROM transactions_foldtotal AS total
      JOIN last_fold ON last_fold.id = total.fold_id
    UNION ALL
    SELECT wallet.purpose, entry.currency,
           coalesce(sum(entry.amount) FILTER (WHERE entry.side = 'debit'), 0),
           coalesce(sum(entry.amount) FILTER (WHERE entry.side = 'credit'), 0)
      FROM transactions_transaction AS transaction
      JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
      JOIN wallets_wallet AS wallet ON wallet.id = entry.wallet_id
     WHERE transaction.xid >= (SELECT xid FROM since)
       AND transaction.xid < (SELECT horizon FROM new_fold)
     GROUP BY wallet.purpose, entry.currency
),
new_total AS (
    INSERT INTO transactions_foldtotal (fold_id, purpose, currency, debits, credits)
    SELECT new_fold.id, purpose, currency, sum(debits), sum(credits)
      FROM sums, new_fold
     GROUP BY new_fold.id, purpose, currency
)
SELECT coalesce(bool_or(horizon < pg_snapshot_xmin(pg_current_snapshot())), false)
  FROM new_fold
