"""Letting time pass, for what goes by the database's own clock."""

from datetime import timedelta

from django.db import connection

# Every instant that the books and the limits are decided by.
_INSTANTS = {
    "transactions_transaction": ["recorded_at", "effective_at"],
    "transactions_entry": ["recorded_at"],
    "transactions_limituse": ["at"],
    "transactions_limitseries": ["counted_at"],
    "wallets_limit": ["created_at", "ended_at"],
}


def let_pass(time: timedelta) -> None:
    """Move all that happened so far into the past, laws put aside meanwhile."""
    with connection.cursor() as cursor:
        # Constraint triggers that wait would keep the tables from being altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, columns in _INSTANTS.items():
            moved = ", ".join(f"{column} = {column} - %(time)s" for column in columns)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {moved}", {"time": time})
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgenabled <> 'A'"
        )
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
