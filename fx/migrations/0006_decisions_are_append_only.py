"""Let PostgreSQL refuse to change what was decided about rates, and what was refused.

As with the rates themselves (0003): a statement's trigger, because TRUNCATE fires no row
triggers, and ALWAYS, because a replication role would switch an ordinary one off.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION fx_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER fx_verdict_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON fx_verdict
    FOR EACH STATEMENT EXECUTE FUNCTION fx_refuse_change();
ALTER TABLE fx_verdict ENABLE ALWAYS TRIGGER fx_verdict_append_only;

CREATE TRIGGER fx_feederror_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON fx_feederror
    FOR EACH STATEMENT EXECUTE FUNCTION fx_refuse_change();
ALTER TABLE fx_feederror ENABLE ALWAYS TRIGGER fx_feederror_append_only;
"""

DROP = """
DROP TRIGGER fx_feederror_append_only ON fx_feederror;
DROP TRIGGER fx_verdict_append_only ON fx_verdict;
DROP FUNCTION fx_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("fx", "0005_rates_of_several_providers")]

    operations = [migrations.RunSQL(CREATE, DROP)]
