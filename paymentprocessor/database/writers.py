"""Taking turns in writing a table."""

from django.db import connection
from django.db.models import Model


def keep_other_writers_out(model: type[Model]) -> None:
    """Until COMMIT, nobody else writes this table; readers are not held up.

    For tables that people write a few times a day, in which a new row is to follow from
    those that are there. Needs a transaction.
    """
    name = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
