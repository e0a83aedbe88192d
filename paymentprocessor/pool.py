"""The pool of database connections, when one of them turns out to be broken."""

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import DatabaseWrapper


def drop_broken() -> None:
    """Test the connections that nobody uses now, and replace those that are broken.

    When the database was started anew, or has moved, all of them are, and each would be
    found out by a request of its own. Without a pool there is nothing to do.
    """
    database = connections[DEFAULT_DB_ALIAS]
    assert isinstance(database, DatabaseWrapper), "the product runs on PostgreSQL"
    if pool := database.pool:
        pool.check()
