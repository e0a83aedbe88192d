-- A key that was answered with a transaction names one that is there and bears the key.
-- One that was answered with a hold names one that is there, and either bears the key
-- or was voided.
SELECT format('key %s of %s', key.key, key.principal_id) AS offender,
       format('transaction %s', key.transaction_id) AS detail
  FROM transactions_idempotencykey AS key
  LEFT JOIN transactions_transaction AS transaction
    ON transaction.id = key.transaction_id
   AND transaction.idempotency_key = key.key
 WHERE key.transaction_id IS NOT NULL AND transaction.id IS NULL
UNION ALL
SELECT format('key %s of %s', key.key, key.principal_id),
       format('hold %s', key.hold_id)
  FROM transactions_idempotencykey AS key
  LEFT JOIN transactions_hold AS hold
    ON hold.id = key.hold_id
   AND (hold.idempotency_key = key.key
        OR hold.status IN ('voided', 'partially_captured'))
 WHERE key.hold_id IS NOT NULL AND hold.id IS NULL
