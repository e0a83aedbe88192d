"""What the laws of the books let nobody do, for tests: to forget, and to let time pass.

Their triggers are put aside for one transaction, by the owner of the tables, and put
back the way they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.db import transaction as db_transaction
from django.db.backends.utils import CursorWrapper

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
# Of what happens here the instants are written down; rates stay as fresh as they are.
_HAPPENS = ("transactions_", "wallets_", "fx_quote", "fx_pricingpolicy")
# To delete so many rows takes less than the new files that a TRUNCATE makes, and most
# tests leave a few.
_FEW = 1000


@contextmanager
def laws_put_aside() -> Iterator[CursorWrapper]:
    """A transaction in which the laws do not hold."""
    with db_transaction.atomic(), connection.cursor() as cursor:
        # What waits for the end of the transaction would be in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass,"
            " tgname), format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I',"
            " tgrelid::regclass, tgname) FROM pg_trigger"
            " WHERE tgenabled = 'A' AND NOT tgisinternal"
        )
        aside, back = zip(*cursor.fetchall(), strict=True)
        cursor.execute("; ".join(aside))
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("; ".join(back))


def wipe_database() -> None:
    """Empty all tables but those that migrations filled."""
    tables = sorted(set(connection.introspection.table_names()) - _KEPT)
    with laws_put_aside() as cursor:
        has_many = _filled(cursor, tables)
        if any(has_many.values()):
            cursor.execute(f"TRUNCATE {', '.join(has_many)} CASCADE")
        else:
            # Django's references are looked at in the end, in whatever order. Those of
            # procrastinate are at once, and from what has the later names.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in reversed(has_many):
                cursor.execute(f"DELETE FROM {table}")
        # The first version came with the migrations, too.
        cursor.execute("DELETE FROM fx_pricingpolicy WHERE version > 1")


def _filled(cursor: CursorWrapper, tables: list[str]) -> dict[str, bool]:
    """The tables that are not empty, and whether there is much in them."""
    look = "SELECT '{0}', EXISTS (SELECT FROM {0} OFFSET {1}) WHERE EXISTS (TABLE {0})"
    looks = " UNION ALL ".join(look.format(table, _FEW) for table in tables)
    cursor.execute(f"{looks} ORDER BY 1")
    return dict(cursor.fetchall())


def let_time_pass(passed: timedelta) -> None:
    """Move everything that happened so far that far into the past."""
    with laws_put_aside() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE data_type = 'timestamp with time zone'"
            " AND table_schema = current_schema() ORDER BY table_name"
        )
        rows = [row for row in cursor.fetchall() if row[0].startswith(_HAPPENS)]
        for table, columns in groupby(rows, key=itemgetter(0)):
            earlier = ", ".join(f"{name} = {name} - %(passed)s" for _, name in columns)
            cursor.execute(f"UPDATE {table} SET {earlier}", {"passed": passed})
