"""The table behind the cache that counts attempts to sign in, for all processes."""

from django.db import migrations

CREATE = """
CREATE TABLE backoffice_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX backoffice_cache_expires ON backoffice_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0001_roles")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE backoffice_cache")]
