"""Let PostgreSQL keep the laws of holds, by triggers that refuse and never compute.

1. A hold begins active and with nothing captured, on a wallet that is its owner's and
   in its currency. A foreign key would have cost a lock; this looks without locking,
   and wallets are never removed.
2. Of a hold only what was captured and the fields of its end ever change: what was
   captured never shrinks, and nothing changes once it has ended.
3. A hold is never removed.

What is not named in the second law is a term of the hold, later columns too.

ALWAYS, because `session_replication_role = replica` would switch ordinary triggers off.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION transactions_check_new_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> 'active' OR NEW.captured <> 0 THEN
        RAISE EXCEPTION 'hold % does not begin active and untouched', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    PERFORM FROM wallets_wallet
      WHERE id = NEW.wallet_id
        AND owner_id = NEW.owner_id
        AND currency_id = NEW.currency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'hold % does not fit its wallet', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END;
$$;

CREATE FUNCTION transactions_check_changed_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    movable constant text[] := ARRAY[
        'captured', 'status', 'ended_at',
        'voided_by_key_id', 'voided_by_staff_id', 'void_reason'];
BEGIN
    IF OLD.status <> 'active' THEN
        RAISE EXCEPTION 'hold % has ended and stays as it is', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.captured < OLD.captured THEN
        RAISE EXCEPTION 'what hold % has paid cannot be taken back', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_jsonb(OLD) - movable <> to_jsonb(NEW) - movable THEN
        RAISE EXCEPTION 'hold % keeps its terms', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER transactions_hold_begins
    BEFORE INSERT ON transactions_hold
    FOR EACH ROW EXECUTE FUNCTION transactions_check_new_hold();
CREATE TRIGGER transactions_hold_goes_forward
    BEFORE UPDATE ON transactions_hold
    FOR EACH ROW EXECUTE FUNCTION transactions_check_changed_hold();
CREATE TRIGGER transactions_hold_never_removed
    BEFORE DELETE OR TRUNCATE ON transactions_hold
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();

ALTER TABLE transactions_hold ENABLE ALWAYS TRIGGER transactions_hold_begins;
ALTER TABLE transactions_hold ENABLE ALWAYS TRIGGER transactions_hold_goes_forward;
ALTER TABLE transactions_hold ENABLE ALWAYS TRIGGER transactions_hold_never_removed;
"""

DROP = """
DROP TRIGGER transactions_hold_never_removed ON transactions_hold;
DROP TRIGGER transactions_hold_goes_forward ON transactions_hold;
DROP TRIGGER transactions_hold_begins ON transactions_hold;
DROP FUNCTION transactions_check_changed_hold();
DROP FUNCTION transactions_check_new_hold();
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0008_holds")]

    operations = [migrations.RunSQL(CREATE, DROP)]
