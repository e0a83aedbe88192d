"""Let PostgreSQL keep the laws of the ledger, by triggers that refuse and never compute.

1. Transactions, entries and conversions are never changed or removed, and what was told
   under an idempotency key is never changed.
2. The entries of a transaction come in one statement, both sides at once, and balance
   per currency; they continue each wallet's versions and balances where those stood, and
   the wallet stands where its last entry left it.

The second is one trigger per statement over its new rows. A deferred one per row cost a
third of the throughput. Foreign keys on entries would have cost a lock on each wallet,
the house's included, which all customers share; this trigger looks without locking, and
neither wallets nor transactions can ever be removed.

ALWAYS, because `session_replication_role = replica` would switch ordinary triggers off.
"""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION transactions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: what was written stays', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
              HINT = 'Corrections only add: post a reversal.';
END;
$$;

CREATE TRIGGER transactions_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();
CREATE TRIGGER transactions_entry_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions_entry
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();
CREATE TRIGGER transactions_conversion_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions_conversion
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();
-- Keys may be pruned by age, but an answer never becomes another.
CREATE TRIGGER transactions_key_unchanged
    BEFORE UPDATE ON transactions_idempotencykey
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();

ALTER TABLE transactions_transaction
    ENABLE ALWAYS TRIGGER transactions_append_only;
ALTER TABLE transactions_entry
    ENABLE ALWAYS TRIGGER transactions_entry_append_only;
ALTER TABLE transactions_conversion
    ENABLE ALWAYS TRIGGER transactions_conversion_append_only;
ALTER TABLE transactions_idempotencykey
    ENABLE ALWAYS TRIGGER transactions_key_unchanged;
"""

DROP_APPEND_ONLY = """
DROP TRIGGER transactions_key_unchanged ON transactions_idempotencykey;
DROP TRIGGER transactions_conversion_append_only ON transactions_conversion;
DROP TRIGGER transactions_entry_append_only ON transactions_entry;
DROP TRIGGER transactions_append_only ON transactions_transaction;
DROP FUNCTION transactions_refuse_change();
"""

BALANCED = """
CREATE FUNCTION transactions_check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender text;
BEGIN
    SELECT format('%s %s', transaction_id, currency) INTO offender
      FROM new_entries
     GROUP BY transaction_id, currency
    HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'debits and credits differ: %', offender
            USING ERRCODE = 'check_violation';
    END IF;

    -- Lines 1..n: a later statement for the same transaction would need line 1 again,
    -- which the primary key refuses.
    SELECT fresh.transaction_id::text INTO offender
      FROM (
        SELECT transaction_id, min(line) AS first, max(line) AS last, count(*) AS n
          FROM new_entries
         GROUP BY transaction_id
      ) AS fresh
      LEFT JOIN transactions_transaction AS transaction
        ON transaction.id = fresh.transaction_id
     WHERE fresh.first <> 1 OR fresh.last <> fresh.n OR transaction.id IS NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entries are not the lines of one transaction: %', offender
            USING ERRCODE = 'check_violation';
    END IF;

    -- Each entry is in its wallet's currency, and numbered if that is a customer's.
    SELECT format('%s line %s', fresh.transaction_id, fresh.line) INTO offender
      FROM new_entries AS fresh
      LEFT JOIN wallets_wallet AS wallet ON wallet.id = fresh.wallet_id
     WHERE wallet.id IS NULL
        OR wallet.currency_id <> fresh.currency
        OR (wallet.owner_id IS NULL) <> (fresh.wallet_version IS NULL)
        OR (wallet.owner_id IS NULL) <> (fresh.balance_after IS NULL)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry does not fit its wallet: %', offender
            USING ERRCODE = 'check_violation';
    END IF;

    -- Each wallet goes on where it stood, entry by entry, and stands where the last of
    -- them left it. What we owe a customer grows by credit.
    SELECT format('%s version %s', fresh.wallet_id, fresh.wallet_version) INTO offender
      FROM (
        SELECT wallet_id, wallet_version, balance_after,
               CASE side WHEN 'credit' THEN amount ELSE -amount END AS change,
               lag(wallet_version) OVER wallet AS version_before,
               lag(balance_after) OVER wallet AS balance_before,
               lead(wallet_version) OVER wallet IS NULL AS is_last
          FROM new_entries
         WHERE wallet_version IS NOT NULL
        WINDOW wallet AS (PARTITION BY wallet_id ORDER BY wallet_version)
      ) AS fresh
      JOIN wallets_wallet AS wallet ON wallet.id = fresh.wallet_id
      LEFT JOIN transactions_entry AS previous
        ON fresh.version_before IS NULL
       AND previous.wallet_id = fresh.wallet_id
       AND previous.wallet_version = fresh.wallet_version - 1
     WHERE fresh.wallet_version
           <> coalesce(fresh.version_before, previous.wallet_version, 0) + 1
        OR fresh.balance_after
           <> coalesce(fresh.balance_before, previous.balance_after, 0) + fresh.change
        OR (fresh.is_last AND (wallet.version, wallet.balance)
                            <> (fresh.wallet_version, fresh.balance_after))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry does not continue its wallet: %', offender
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER transactions_entries_balance
    AFTER INSERT ON transactions_entry
    REFERENCING NEW TABLE AS new_entries
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_check_entries();
ALTER TABLE transactions_entry ENABLE ALWAYS TRIGGER transactions_entries_balance;
"""

DROP_BALANCED = """
DROP TRIGGER transactions_entries_balance ON transactions_entry;
DROP FUNCTION transactions_check_entries();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("transactions", "0001_the_books"),
        ("wallets", "0002_wallets_keep_their_identity"),
    ]

    operations = [
        migrations.RunSQL(APPEND_ONLY, DROP_APPEND_ONLY),
        migrations.RunSQL(BALANCED, DROP_BALANCED),
    ]
