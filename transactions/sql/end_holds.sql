-- Ends one or many holds without a capture, whole, in one statement: the idempotency
-- key of a void, the holds, what their wallets still hold, and an event each. Wallets
-- and holds are locked already.
--
-- A hold ends by itself when its time is up, so that instant is its end, however late
-- the sweep comes by; one that is voided ends now.
WITH
new_key AS (
    INSERT INTO transactions_idempotencykey
        (principal_id, key, fingerprint, hold_id, created_at)
    SELECT principal_id, key, decode(fingerprint, 'hex'), hold_id,
           statement_timestamp()
      FROM json_to_recordset(%(keys)s) AS row (
               principal_id uuid, key text, fingerprint text, hold_id uuid)
),
new_held AS (
    UPDATE wallets_wallet AS wallet
       SET held = row.held
      FROM json_to_recordset(%(wallets)s) AS row (wallet_id uuid, held numeric)
     WHERE wallet.id = row.wallet_id
),
new_event AS (
    INSERT INTO webhooks_event
        (id, type, subject_id, user_id, data, request_id, occurred_at, xid)
    SELECT id, CASE WHEN voided THEN 'hold.voided' ELSE 'hold.expired' END,
           subject_id, user_id, data, request_id,
           statement_timestamp(), pg_current_xact_id()
      FROM json_to_recordset(%(events)s) AS row (
               id uuid, voided boolean, subject_id uuid, user_id uuid, data jsonb,
               request_id text)
)
UPDATE transactions_hold AS hold
   SET status = row.status,
       ended_at = CASE WHEN row.voided THEN statement_timestamp()
                       ELSE hold.expires_at END,
       voided_by_key_id = row.voided_by_key_id,
       voided_by_staff_id = row.voided_by_staff_id,
       void_reason = row.void_reason
  FROM json_to_recordset(%(holds)s) AS row (
           id uuid, status text, voided boolean, voided_by_key_id uuid,
           voided_by_staff_id uuid, void_reason text)
 WHERE hold.id = row.id
RETURNING hold.id, hold.ended_at
