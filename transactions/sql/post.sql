-- Writes one or many transactions, whole, in one statement: their idempotency keys,
-- the transactions, their conversions and entries, the new balances and versions of the
-- wallets, and what captures leave of their holds, with an event. A transaction is its
-- own event. Wallets and holds are locked and checked already; what the checks missed,
-- constraints and the triggers on transactions_entry refuse, and then nothing of this
-- statement is there.
--
-- The uses of limits are counted at the instant of the transactions themselves.
--
-- Each part writes the rows of one parameter, and is left out where there are none: see
-- transactions/ledger.py.
--
-- recorded_at is the start of this statement, which is after the locks were taken, so
-- along each wallet's versions it never goes back.
WITH
new_key AS (
    INSERT INTO transactions_idempotencykey
        (principal_id, key, fingerprint, transaction_id, created_at)
    SELECT principal_id, key, decode(fingerprint, 'hex'), transaction_id,
           statement_timestamp()
      FROM json_to_recordset(%(keys)s) AS row (
               principal_id uuid, key text, fingerprint text, transaction_id uuid)
),
new_transaction AS (
    INSERT INTO transactions_transaction
        (id, type, owner_id, api_key_id, staff_id, reference, description, metadata,
         idempotency_key, batch_id, request_id, fee, reverses_id, refunds_id,
         part_of_id, hold_id, effective_at, recorded_at, xid)
    SELECT id, type, owner_id, api_key_id, staff_id, reference, description, metadata,
           idempotency_key, batch_id, request_id, fee, reverses_id, refunds_id,
           part_of_id, hold_id, statement_timestamp(), statement_timestamp(),
           pg_current_xact_id()
      FROM json_to_recordset(%(transactions)s) AS row (
               id uuid, type text, owner_id uuid, api_key_id uuid, staff_id uuid,
               reference text, description text, metadata jsonb, idempotency_key text,
               batch_id uuid, request_id text, fee numeric, reverses_id uuid,
               refunds_id uuid, part_of_id uuid, hold_id uuid)
    RETURNING id, effective_at, recorded_at
),
new_conversion AS (
    INSERT INTO transactions_conversion
        (transaction_id, source_currency, target_currency, source_amount,
         target_amount, fixed_side, mid_rate, client_rate, spread_bps, premium_bps,
         widening_bps, spread_amount, rate_ids, rate_as_of, exact_target, residual,
         policy_id, tier, quote_id)
    SELECT transaction_id, source_currency, target_currency, source_amount,
           target_amount, fixed_side, mid_rate, client_rate, spread_bps, premium_bps,
           widening_bps, spread_amount, rate_ids, rate_as_of, exact_target, residual,
           policy_id, tier, quote_id
      FROM json_to_recordset(%(conversions)s) AS row (
               transaction_id uuid, source_currency text, target_currency text,
               source_amount numeric, target_amount numeric, fixed_side text,
               mid_rate numeric, client_rate numeric, spread_bps numeric,
               premium_bps numeric, widening_bps numeric, spread_amount numeric,
               rate_ids jsonb, rate_as_of timestamptz, exact_target numeric,
               residual numeric, policy_id uuid, tier text, quote_id uuid)
),
new_entry AS (
    INSERT INTO transactions_entry
        (transaction_id, line, wallet_id, side, amount, currency, balance_after,
         wallet_version, recorded_at)
    SELECT transaction_id, line, wallet_id, side, amount, currency, balance_after,
           wallet_version, statement_timestamp()
      FROM json_to_recordset(%(entries)s) AS row (
               transaction_id uuid, line smallint, wallet_id uuid, side text,
               amount numeric, currency text, balance_after numeric,
               wallet_version bigint)
),
new_balance AS (
    UPDATE wallets_wallet AS wallet
       SET balance = row.balance, held = row.held, version = row.version
      FROM json_to_recordset(%(balances)s) AS row (
               wallet_id uuid, balance numeric, held numeric, version bigint)
     WHERE wallet.id = row.wallet_id
),
captured_hold AS (
    UPDATE transactions_hold AS hold
       SET captured = row.captured, status = row.status,
           ended_at = CASE WHEN row.status <> 'active' THEN statement_timestamp() END
      FROM json_to_recordset(%(holds)s) AS row (
               id uuid, captured numeric, status text)
     WHERE hold.id = row.id
),
new_event AS (
    INSERT INTO webhooks_event
        (id, type, subject_id, user_id, data, request_id, occurred_at, xid)
    SELECT id, 'hold.captured', subject_id, user_id, data, request_id,
           statement_timestamp(), pg_current_xact_id()
      FROM json_to_recordset(%(events)s) AS row (
               id uuid, subject_id uuid, user_id uuid, data jsonb, request_id text)
),
new_use AS (
    INSERT INTO transactions_limituse
        (series_id, number, at, total_amount, transaction_id)
    SELECT series_id, number, coalesce(at, statement_timestamp()), total_amount,
           transaction_id
      FROM json_to_recordset(%(uses)s) AS row (
               series_id uuid, number bigint, at timestamptz, total_amount numeric,
               transaction_id uuid)
),
new_total AS (
    UPDATE transactions_limitseries AS series
       SET total_amount = row.total_amount, total_count = row.total_count,
           counted_at = statement_timestamp()
      FROM json_to_recordset(%(series)s) AS row (
               series_id uuid, total_amount numeric, total_count bigint)
     WHERE series.id = row.series_id
)
SELECT id, effective_at, recorded_at FROM new_transaction
