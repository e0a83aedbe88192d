"""Cursors for the few statements that every movement makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


@contextmanager
def one_round_trip() -> Iterator[None]:
    """Send the statements of the block together, and wait once, when it ends.

    At the beginning of a transaction BEGIN is one of them, which otherwise is a round
    trip of its own. Rows can be fetched afterwards; errors are raised at the end.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def prepared_cursor() -> CursorWrapper:
    """A cursor whose statements the server plans once per connection, not each time.

    Their parameters travel beside them, so their text has to be the same each time. To
    plan one of our statements takes the server longer than to carry it out; Django's
    own cursors send new text each time, which can only be planned anew.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # The stubs take Django's cursors, which psycopg's are the base of, for others.
        cursor: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    if connection.queries_logged:
        return connection.make_debug_cursor(cursor)
    return connection.make_cursor(cursor)
