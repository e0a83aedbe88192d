-- entries_balance: Per transaction and currency, debits equal credits.
-- days_are_the_sum: The totals of the days are the sums of all entries below their
-- horizon, where the entries of customers are those that are numbered.
-- entries_have_the_time_of_their_transactions: Entries were recorded with their
-- transaction.
WITH part AS (
    -- What a transaction moved in one currency. Streams along the primary keys.
    SELECT transaction_id, currency,
           min(line) AS first_line,
           sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) AS difference,
           sum(amount) FILTER (
               WHERE wallet_version IS NOT NULL AND side = 'debit') AS debits,
           sum(amount) FILTER (
               WHERE wallet_version IS NOT NULL AND side = 'credit') AS credits,
           min(recorded_at) AS first_at,
           max(recorded_at) AS last_at
      FROM transactions_entry
     GROUP BY transaction_id, currency
),
booked AS MATERIALIZED (
    SELECT (transaction.recorded_at AT TIME ZONE 'UTC')::date AS day,
           transaction.type, part.currency,
           transaction.xid < (SELECT horizon FROM transactions_dayhorizon) AS added_up,
           count(*) FILTER (WHERE first_line = 1) AS transactions,
           coalesce(sum(debits), 0) AS debits,
           coalesce(sum(credits), 0) AS credits,
           bool_or(difference <> 0) AS some_unbalanced,
           bool_or(first_at <> transaction.recorded_at
                   OR last_at <> transaction.recorded_at) AS some_misdated
      FROM part
      LEFT JOIN transactions_transaction AS transaction
        ON transaction.id = part.transaction_id
     GROUP BY 1, 2, 3, 4
)
SELECT 'days_are_the_sum' AS law,
       format('%s %s %s', coalesce(total.day, sums.day),
              coalesce(total.type, sums.type),
              coalesce(total.currency, sums.currency)) AS offender,
       format('added up: %s, debits %s, credits %s; entries: %s, %s, %s',
              total.transactions, total.debits, total.credits,
              sums.transactions, sums.debits, sums.credits) AS detail
  FROM transactions_daytotal AS total
  FULL JOIN (SELECT * FROM booked WHERE added_up) AS sums
    ON sums.day = total.day AND sums.type = total.type
   AND sums.currency = total.currency
 WHERE (total.transactions, total.debits, total.credits)
       IS DISTINCT FROM (sums.transactions, sums.debits, sums.credits)
UNION ALL
-- Only when a group says so, the entries are read once more, to say which.
SELECT 'entries_balance', transaction_id::text,
       format('%s: debits %s, credits %s', currency,
              coalesce(sum(amount) FILTER (WHERE side = 'debit'), 0),
              coalesce(sum(amount) FILTER (WHERE side = 'credit'), 0))
  FROM transactions_entry
 WHERE (SELECT bool_or(some_unbalanced) FROM booked)
 GROUP BY transaction_id, currency
HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0
UNION ALL
SELECT 'entries_have_the_time_of_their_transactions',
       format('%s line %s', entry.transaction_id, entry.line),
       format('recorded at %s, its transaction at %s',
              entry.recorded_at, transaction.recorded_at)
  FROM transactions_transaction AS transaction
  JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
 WHERE entry.recorded_at <> transaction.recorded_at
   AND (SELECT bool_or(some_misdated) FROM booked)
