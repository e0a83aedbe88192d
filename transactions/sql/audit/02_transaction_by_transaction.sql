-- days_are_the_sum: The totals of the days are the sums of all entries below their
-- horizon, where the entries of customers are those that are numbered.
-- entries_have_the_time_of_their_transactions: Entries were recorded with their
-- transaction.
WITH booked AS MATERIALIZED (
    SELECT (transaction.recorded_at AT TIME ZONE 'UTC')::date AS day,
           transaction.type, entry.currency,
           transaction.xid < (SELECT horizon FROM transactions_dayhorizon) AS added_up,
           count(*) FILTER (WHERE entry.line = 1) AS transactions,
           coalesce(sum(entry.amount) FILTER (
               WHERE entry.wallet_version IS NOT NULL AND entry.side = 'debit'), 0)
               AS debits,
           coalesce(sum(entry.amount) FILTER (
               WHERE entry.wallet_version IS NOT NULL AND entry.side = 'credit'), 0)
               AS credits,
           bool_or(entry.recorded_at <> transaction.recorded_at) AS some_misdated
      FROM transactions_transaction AS transaction
      JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
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
-- Only when a group says so, the entries are read once more, one by one.
SELECT 'entries_have_the_time_of_their_transactions',
       format('%s line %s', entry.transaction_id, entry.line),
       format('recorded at %s, its transaction at %s',
              entry.recorded_at, transaction.recorded_at)
  FROM transactions_transaction AS transaction
  JOIN transactions_entry AS entry ON entry.transaction_id = transaction.id
 WHERE entry.recorded_at <> transaction.recorded_at
   AND (SELECT bool_or(some_misdated) FROM booked)
