"""Let PostgreSQL refuse to change what was counted against a limit.

A use may go once no window reaches back to it, so only what is younger is held.
"""

from django.db import migrations

CREATE = """
CREATE TRIGGER transactions_limituse_unchanged
    BEFORE UPDATE OR TRUNCATE ON transactions_limituse
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();
CREATE TRIGGER transactions_limituse_kept
    BEFORE DELETE ON transactions_limituse
    FOR EACH ROW WHEN (OLD.at > statement_timestamp() - interval '30 days')
    EXECUTE FUNCTION transactions_refuse_change();
CREATE TRIGGER transactions_limitseries_never_removed
    BEFORE DELETE OR TRUNCATE ON transactions_limitseries
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();
CREATE TRIGGER transactions_limitseries_runs_on
    BEFORE UPDATE ON transactions_limitseries
    FOR EACH ROW WHEN (
        (OLD.id, OLD.user_id, OLD.type, OLD.currency, OLD.unit)
        IS DISTINCT FROM (NEW.id, NEW.user_id, NEW.type, NEW.currency, NEW.unit)
        OR NEW.total_amount < OLD.total_amount
        OR NEW.total_count < OLD.total_count
    )
    EXECUTE FUNCTION transactions_refuse_change();

ALTER TABLE transactions_limituse
    ENABLE ALWAYS TRIGGER transactions_limituse_unchanged;
ALTER TABLE transactions_limituse
    ENABLE ALWAYS TRIGGER transactions_limituse_kept;
ALTER TABLE transactions_limitseries
    ENABLE ALWAYS TRIGGER transactions_limitseries_never_removed;
ALTER TABLE transactions_limitseries
    ENABLE ALWAYS TRIGGER transactions_limitseries_runs_on;
"""

DROP = """
DROP TRIGGER transactions_limitseries_runs_on ON transactions_limitseries;
DROP TRIGGER transactions_limitseries_never_removed ON transactions_limitseries;
DROP TRIGGER transactions_limituse_kept ON transactions_limituse;
DROP TRIGGER transactions_limituse_unchanged ON transactions_limituse;
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0010_limit_uses")]

    operations = [migrations.RunSQL(CREATE, DROP)]
