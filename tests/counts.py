"""What PostgreSQL counts of its tables."""

from django.db import connection


def counted(figure: str) -> dict[str, int]:
    """A column of `pg_stat_user_tables` by table, where it is not zero.

    What other connections did is told when they have been idle for a while.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            f"SELECT relname, {figure} FROM pg_stat_user_tables WHERE {figure} > 0"
        )
        return dict(cursor.fetchall())
