"""Let PostgreSQL refuse what no wallet may do.

A wallet is never removed, never becomes another's or another currency's, and its
balance moves only together with its version, which counts its entries. Row triggers
with a WHEN clause cost nothing where the clause is false. ALWAYS, because
`session_replication_role = replica` would switch ordinary triggers off.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION wallets_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER wallets_never_removed
    BEFORE DELETE OR TRUNCATE ON wallets_wallet
    FOR EACH STATEMENT
    EXECUTE FUNCTION wallets_refuse('wallets are soft-deleted only');

CREATE TRIGGER wallets_keep_identity
    BEFORE UPDATE ON wallets_wallet
    FOR EACH ROW WHEN (
        (OLD.id, OLD.owner_id, OLD.currency_id, OLD.purpose)
        IS DISTINCT FROM (NEW.id, NEW.owner_id, NEW.currency_id, NEW.purpose)
    )
    EXECUTE FUNCTION wallets_refuse('a wallet keeps its owner, currency and purpose');

CREATE TRIGGER wallets_balance_moves_with_version
    BEFORE UPDATE ON wallets_wallet
    FOR EACH ROW WHEN (
        NEW.version < OLD.version
        OR (NEW.balance <> OLD.balance AND NEW.version = OLD.version)
    )
    EXECUTE FUNCTION wallets_refuse('a balance moves only by new entries');

ALTER TABLE wallets_wallet ENABLE ALWAYS TRIGGER wallets_never_removed;
ALTER TABLE wallets_wallet ENABLE ALWAYS TRIGGER wallets_keep_identity;
ALTER TABLE wallets_wallet ENABLE ALWAYS TRIGGER wallets_balance_moves_with_version;
"""

DROP = """
DROP TRIGGER wallets_balance_moves_with_version ON wallets_wallet;
DROP TRIGGER wallets_keep_identity ON wallets_wallet;
DROP TRIGGER wallets_never_removed ON wallets_wallet;
DROP FUNCTION wallets_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("wallets", "0001_wallets")]

    operations = [migrations.RunSQL(CREATE, DROP)]
