"""A table to write to, and another session to look at it."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper


@pytest.fixture
def words(transactional_db: None) -> Iterator[None]:
    """The table `said`; that the other word is there is looked at by COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE said (word text PRIMARY KEY, other text"
            " REFERENCES said DEFERRABLE INITIALLY DEFERRED)"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE said")


@pytest.fixture
def other(transactional_db: None) -> Iterator[CursorWrapper]:
    """Another session, which sees what was committed."""
    session = connection.copy()
    session.inc_thread_sharing()
    with session.cursor() as cursor:
        yield cursor
    session.close()
