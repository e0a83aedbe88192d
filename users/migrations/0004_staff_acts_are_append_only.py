"""Let PostgreSQL refuse to change or remove what staff did."""

from django.db import migrations

CREATE = """
CREATE FUNCTION users_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER users_staffact_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON users_staffact
    FOR EACH STATEMENT EXECUTE FUNCTION users_refuse_change();
ALTER TABLE users_staffact ENABLE ALWAYS TRIGGER users_staffact_append_only;
"""

DROP = """
DROP TRIGGER users_staffact_append_only ON users_staffact;
DROP FUNCTION users_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0003_staff_acts")]

    operations = [migrations.RunSQL(CREATE, DROP)]
