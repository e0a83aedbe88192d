"""Cursors for the few statements that every movement makes."""

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


def prepared_cursor() -> CursorWrapper:
    """A cursor whose statements the server plans once per connection, not each time.

    Their parameters travel beside them, so their text has to be the same each time. To
    plan one of our statements takes the server longer than to carry it out; Django's
    own cursors send new text each time, which can only be planned anew.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = ServerBindingCursor(connection.connection)
    if connection.queries_logged:
        return connection.make_debug_cursor(cursor)
    return connection.make_cursor(cursor)
