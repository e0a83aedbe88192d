"""Emptying the database between tests that really commit.

The laws refuse TRUNCATE, for everybody and always, so their triggers are put aside for
one transaction, by the owner of the tables, and put back the way they were.
"""

from django.db import connection
from django.db import transaction as db_transaction

# What migrations loaded, and what Django would only write again.
_KEPT = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "fx_currency",
    "fx_pricingpolicy",
}


def wipe_database() -> None:
    """Empty all tables but those that migrations filled."""
    tables = set(connection.introspection.table_names()) - _KEPT
    with db_transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger"
            " WHERE tgenabled = 'A' AND NOT tgisinternal"
        )
        triggers = cursor.fetchall()
        for table, trigger in triggers:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        cursor.execute(f"TRUNCATE {', '.join(sorted(tables))} CASCADE")
        # The first version came with the migrations, too.
        cursor.execute("DELETE FROM fx_pricingpolicy WHERE version > 1")
        for table, trigger in triggers:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
