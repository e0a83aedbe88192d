-- A key that was answered with a transaction names one that is there and bears the key.
-- One that was answered with a hold names one that is there, and either bears the key
-- or was voided. One that was answered with a batch names one that is there, bears the
-- key. A batch has as many transactions as it says were not refused.
SELECT format('key %s of %s', key.key, key.principal_id) AS offender,
       concat_ws(', ', 'transaction ' || key.transaction_id,
                 'hold ' || key.hold_id, 'batch ' || key.batch_id) AS detail
  FROM transactions_idempotencykey AS key
  LEFT JOIN transactions_transaction AS transaction
    ON transaction.id = key.transaction_id
  LEFT JOIN transactions_hold AS hold
    ON hold.id = key.hold_id
   AND (hold.idempotency_key = key.key
        OR hold.status IN ('voided', 'partially_captured'))
  LEFT JOIN transactions_batch AS batch
    ON batch.id = key.batch_id AND batch.idempotency_key = key.key
 WHERE (key.transaction_id IS NOT NULL
        AND transaction.idempotency_key IS DISTINCT FROM key.key)
    OR (key.hold_id IS NOT NULL AND hold.id IS NULL)
    OR (key.batch_id IS NOT NULL AND batch.id IS NULL)
UNION ALL
SELECT format('batch %s', batch.id), 'has other transactions than it says'
  FROM transactions_batch AS batch
 WHERE batch.item_count <> (
        SELECT count(*) FROM jsonb_object_keys(batch.refusals)
       ) + (
        SELECT count(*) FROM transactions_transaction WHERE batch_id = batch.id)
