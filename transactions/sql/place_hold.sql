-- Writes a hold, whole, in one statement: its idempotency key, the hold, what the
-- wallet holds from now on, and an event. The wallet is locked and checked already;
-- what the checks missed, constraints and the trigger on transactions_hold refuse, and
-- then nothing of this statement is there.
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
    SELECT id, 'hold.placed', subject_id, user_id, data, request_id,
           statement_timestamp(), pg_current_xact_id()
      FROM json_to_recordset(%(events)s) AS row (
               id uuid, subject_id uuid, user_id uuid, data jsonb, request_id text)
)
INSERT INTO transactions_hold
    (id, owner_id, wallet_id, currency, amount, fee, quote_id, to_user_id, captured,
     status, expires_at, api_key_id, staff_id, reference, description, metadata,
     idempotency_key, created_at, void_reason)
SELECT id, owner_id, wallet_id, currency, amount, fee, quote_id, to_user_id, captured,
       status, expires_at, api_key_id, staff_id, reference, description, metadata,
       idempotency_key, statement_timestamp(), ''
  FROM json_to_recordset(%(holds)s) AS row (
           id uuid, owner_id uuid, wallet_id uuid, currency text, amount numeric,
           fee numeric, quote_id uuid, to_user_id uuid, captured numeric, status text,
           expires_at timestamptz, api_key_id uuid, staff_id uuid, reference text,
           description text, metadata jsonb, idempotency_key text)
RETURNING id, created_at
