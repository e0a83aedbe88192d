-- One more fund of 1.00 USD for each of that many customers, by the same laws as any:
-- key, transaction, two entries and the new balance, in one statement. By an API key,
-- and with ids of the length that those of requests and keys have.
WITH
wallet AS MATERIALIZED (
    SELECT id, owner_id, balance + 1 AS balance, version + 1 AS version,
           uuidv7() AS transaction_id
      FROM wallets_wallet
     WHERE owner_id IS NOT NULL AND currency_id = 'USD'
     ORDER BY id
     LIMIT %(customers)s
),
new_key AS (
    INSERT INTO transactions_idempotencykey
        (principal_id, key, fingerprint, transaction_id, created_at)
    SELECT owner_id, transaction_id, sha256(transaction_id::text::bytea),
           transaction_id, statement_timestamp()
      FROM wallet
),
new_transaction AS (
    INSERT INTO transactions_transaction
        (id, type, owner_id, api_key_id, description, metadata, idempotency_key,
         request_id, fee, effective_at, recorded_at, xid)
    SELECT transaction_id, 'fund', owner_id, %(api_key)s::uuid, '', '{}',
           transaction_id, transaction_id, 0,
           statement_timestamp(), statement_timestamp(), pg_current_xact_id()
      FROM wallet
),
new_entry AS (
    INSERT INTO transactions_entry
        (transaction_id, line, wallet_id, side, amount, currency, balance_after,
         wallet_version, recorded_at)
    SELECT transaction_id, 1 AS line, %(cash)s::uuid, 'debit', 1, 'USD', NULL::numeric,
           NULL::bigint, statement_timestamp()
      FROM wallet
    UNION ALL
    SELECT transaction_id, 2, id, 'credit', 1, 'USD', balance, version,
           statement_timestamp()
      FROM wallet
    -- As the ledger writes them, so that the primary key grows at its end.
     ORDER BY transaction_id, line
),
new_balance AS (
    UPDATE wallets_wallet
       SET balance = wallet.balance, version = wallet.version
      FROM wallet
     WHERE wallets_wallet.id = wallet.id
)
SELECT count(*) FROM wallet
