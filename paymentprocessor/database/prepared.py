"""Cursors for the few statements that every movement makes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import DatabaseWrapper, ServerBindingCursor
from django.db.backends.utils import CursorWrapper

_COMMENT_OR_SPACE = re.compile(r"\s*--[^\n]*|\s+")


@contextmanager
def one_round_trip() -> Iterator[None]:
    """Send the statements of the block together, and wait once, when it ends.

    At the beginning of a transaction BEGIN is one of them, which otherwise is a round
    trip of its own. Rows can be fetched afterwards; errors are raised at the end.
    """
    database = _connected()
    with database.wrap_database_errors, database.connection.pipeline():
        yield


def prepared_cursor() -> CursorWrapper:
    """A cursor whose statements the server plans once per connection, not each time.

    Their parameters travel beside them, so their text has to be the same each time. To
    plan one of our statements takes the server longer than to carry it out; Django's
    own cursors send new text each time, which can only be planned anew.
    """
    database = _connected()
    if database.queries_logged:
        # What is looked at has to be legible, and Django shows nothing of these.
        return database.cursor()
    # The stubs take Django's cursors, which psycopg's are the base of, for others.
    cursor: Any = ServerBindingCursor(database.connection)  # type: ignore[call-arg]
    return database.make_cursor(cursor)


def statement(file: Path) -> str:
    """A file of SQL without what is for people only; no text in it may hold `--`.

    psycopg remembers what it made of a text of up to 4096 characters, and reads longer
    ones anew each time.
    """
    return _COMMENT_OR_SPACE.sub(" ", file.read_text()).strip() + "\n"


def _connected() -> DatabaseWrapper:
    # Not by `django.db.connection`, which looks the thread's own up for each attribute.
    database = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    database.ensure_connection()
    return database
