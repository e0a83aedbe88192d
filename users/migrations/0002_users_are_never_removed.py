"""Let PostgreSQL refuse to remove users and keys, which the books name for ever."""

from django.db import migrations

CREATE = """
CREATE FUNCTION users_refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: rows are soft-deleted only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Set deleted_at or revoked_at.';
END;
$$;

CREATE TRIGGER users_user_never_removed
    BEFORE DELETE OR TRUNCATE ON users_user
    FOR EACH STATEMENT EXECUTE FUNCTION users_refuse_removal();
ALTER TABLE users_user ENABLE ALWAYS TRIGGER users_user_never_removed;

CREATE TRIGGER users_apikey_never_removed
    BEFORE DELETE OR TRUNCATE ON users_apikey
    FOR EACH STATEMENT EXECUTE FUNCTION users_refuse_removal();
ALTER TABLE users_apikey ENABLE ALWAYS TRIGGER users_apikey_never_removed;
"""

DROP = """
DROP TRIGGER users_apikey_never_removed ON users_apikey;
DROP TRIGGER users_user_never_removed ON users_user;
DROP FUNCTION users_refuse_removal();
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0001_users_and_api_keys")]

    operations = [migrations.RunSQL(CREATE, DROP)]
