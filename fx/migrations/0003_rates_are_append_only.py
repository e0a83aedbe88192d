"""Let PostgreSQL refuse to change what was once observed.

A conversion names the rates it was priced with for ever, so these rows must stay as
they were. The trigger is a statement's, because TRUNCATE fires no row triggers, and
ALWAYS, because `session_replication_role = replica` would switch an ordinary one off.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION fx_rate_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: rates are append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation',
              HINT = 'Insert the corrected observation as a new row.';
END;
$$;

CREATE TRIGGER fx_rate_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON fx_rate
    FOR EACH STATEMENT EXECUTE FUNCTION fx_rate_refuse_change();

ALTER TABLE fx_rate ENABLE ALWAYS TRIGGER fx_rate_append_only;
"""

DROP = """
DROP TRIGGER fx_rate_append_only ON fx_rate;
DROP FUNCTION fx_rate_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("fx", "0002_load_iso_4217")]

    operations = [migrations.RunSQL(CREATE, DROP)]
