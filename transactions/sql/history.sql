-- The newest transactions that touched any of the wallets. Each wallet gives at most
-- `limit` rows from its own index, so the cost does not grow with the history.
-- A reference is looked for among the owner's own operations only: one that a payer
-- gave is not shown to the payee, and so must not be guessed by them either.
SELECT transaction_id
  FROM (
    SELECT DISTINCT entry.transaction_id, entry.recorded_at
      FROM unnest(%(wallet_ids)s::uuid[]) AS wallet (id)
     CROSS JOIN LATERAL (
        -- One row a transaction, also where it has two entries on one wallet.
        SELECT DISTINCT ON (entry.recorded_at, entry.transaction_id)
               entry.transaction_id, entry.recorded_at
          FROM transactions_entry AS entry
          JOIN transactions_transaction AS transaction
            ON transaction.id = entry.transaction_id
         WHERE entry.wallet_id = wallet.id
           AND entry.wallet_version IS NOT NULL
           AND (%(before_at)s::timestamptz IS NULL
                OR (entry.recorded_at, entry.transaction_id)
                   < (%(before_at)s::timestamptz, %(before_id)s::uuid))
           AND (%(since)s::timestamptz IS NULL OR entry.recorded_at >= %(since)s)
           AND (%(until)s::timestamptz IS NULL OR entry.recorded_at < %(until)s)
           AND (%(min_amount)s::numeric IS NULL OR entry.amount >= %(min_amount)s)
           AND (%(max_amount)s::numeric IS NULL OR entry.amount <= %(max_amount)s)
           AND (%(type)s::text IS NULL OR transaction.type = %(type)s)
           AND (%(reference)s::text IS NULL
                OR (transaction.reference = %(reference)s
                    AND transaction.owner_id = %(owner_id)s::uuid))
         ORDER BY entry.recorded_at DESC, entry.transaction_id DESC
         LIMIT %(limit)s
     ) AS entry
  ) AS newest
 ORDER BY recorded_at DESC, transaction_id DESC
 LIMIT %(limit)s
