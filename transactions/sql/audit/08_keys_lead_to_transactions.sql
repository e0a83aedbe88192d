-- A key that was answered with a transaction names one that is there and bears the key.
SELECT format('key %s of %s', key.key, key.principal_id) AS offender,
       format('transaction %s', key.transaction_id) AS detail
  FROM transactions_idempotencykey AS key
  LEFT JOIN transactions_transaction AS transaction
    ON transaction.id = key.transaction_id
   AND transaction.idempotency_key = key.key
 WHERE key.transaction_id IS NOT NULL AND transaction.id IS NULL
