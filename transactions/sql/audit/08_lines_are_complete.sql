-- Every transaction has entries, with the lines 1 to n, and every entry a transaction.
SELECT coalesce(transaction.id, entry.transaction_id)::text AS offender,
       CASE WHEN transaction.id IS NULL THEN 'entries without a transaction'
            WHEN entry.n IS NULL THEN 'a transaction without entries'
            ELSE format('%s entries, lines %s to %s', entry.n, entry.first, entry.last)
       END AS detail
  FROM transactions_transaction AS transaction
  FULL JOIN (
        SELECT transaction_id, count(*) AS n, min(line) AS first, max(line) AS last
          FROM transactions_entry
         GROUP BY transaction_id
         -- Streams along the index.
         ORDER BY transaction_id
       ) AS entry ON entry.transaction_id = transaction.id
 WHERE transaction.id IS NULL OR entry.n IS NULL
    OR entry.first <> 1 OR entry.last <> entry.n
