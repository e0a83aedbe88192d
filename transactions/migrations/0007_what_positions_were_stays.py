"""Let PostgreSQL refuse to change what a position was, and what its limits were.

By the same function as for the books themselves: what was written stays. A book of
positions that turned out wrong is told anew as another one.
"""

from django.db import migrations

CREATE = """
CREATE TRIGGER transactions_positionstep_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions_positionstep
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();
CREATE TRIGGER transactions_positionlimit_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON transactions_positionlimit
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_refuse_change();

ALTER TABLE transactions_positionstep
    ENABLE ALWAYS TRIGGER transactions_positionstep_append_only;
ALTER TABLE transactions_positionlimit
    ENABLE ALWAYS TRIGGER transactions_positionlimit_append_only;
"""

DROP = """
DROP TRIGGER transactions_positionlimit_append_only ON transactions_positionlimit;
DROP TRIGGER transactions_positionstep_append_only ON transactions_positionstep;
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0006_positions_limits_and_hedges")]

    operations = [migrations.RunSQL(CREATE, DROP)]
