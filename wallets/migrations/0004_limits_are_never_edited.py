"""Let PostgreSQL refuse to edit a limit: it ends, once, and another takes its place.

What somebody was allowed on a day can be told years later.
"""

from django.db import migrations

CREATE = """
CREATE TRIGGER wallets_limit_never_removed
    BEFORE DELETE OR TRUNCATE ON wallets_limit
    FOR EACH STATEMENT EXECUTE FUNCTION wallets_refuse('a limit is ended, never removed');

CREATE TRIGGER wallets_limit_ends_once
    BEFORE UPDATE ON wallets_limit
    FOR EACH ROW WHEN (
        OLD.ended_at IS NOT NULL
        OR NEW.ended_at IS NULL
        OR to_jsonb(NEW) - 'ended_at' - 'end_reason' - 'end_staff_id'
           IS DISTINCT FROM to_jsonb(OLD) - 'ended_at' - 'end_reason' - 'end_staff_id'
    )
    EXECUTE FUNCTION wallets_refuse('a limit ends once and is otherwise never changed');

ALTER TABLE wallets_limit ENABLE ALWAYS TRIGGER wallets_limit_never_removed;
ALTER TABLE wallets_limit ENABLE ALWAYS TRIGGER wallets_limit_ends_once;
"""

DROP = """
DROP TRIGGER wallets_limit_ends_once ON wallets_limit;
DROP TRIGGER wallets_limit_never_removed ON wallets_limit;
"""


class Migration(migrations.Migration):
    dependencies = [("wallets", "0003_limits")]

    operations = [migrations.RunSQL(CREATE, DROP)]
