"""The pool of database connections: who keeps one, and what if one is broken."""

from typing import Any

import psycopg
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.db.backends.postgresql.base import DatabaseWrapper


def is_of_the_connection(failure: Exception) -> bool:
    """Whether the connection itself broke, and not the statement on it.

    By the error, since by now Django has opened a new one: the server said nothing at
    all, or its last words (FATAL, whatever for), or a pooler said that it is gone.
    """
    cause = failure.__cause__
    if not isinstance(cause, psycopg.Error) or cause.sqlstate is None:
        return True
    is_last_word = cause.diag.severity_nonlocalized in ("FATAL", "PANIC")
    return is_last_word or cause.sqlstate.startswith("08")


def drop_broken() -> None:
    """Test the connections that nobody uses now, and replace those that are broken.

    When the database was started anew, or has moved, all of them are, and each would be
    found out by a request of its own. Without a pool there is nothing to do.
    """
    database = connections[DEFAULT_DB_ALIAS]
    assert isinstance(database, DatabaseWrapper), "the product runs on PostgreSQL"
    if pool := database.pool:
        pool.check()


def keep_between_requests() -> None:
    """From now on, requests leave their thread's connection open if it is sound.

    Whoever answers them gives it back when there is none to come (`give_back`). To do
    that after each one, and take it again, was a tenth of a movement's time in Python.
    To ask the caches for what is to be closed was a fortieth: ours are in the process
    and in the database, and have nothing.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    request_finished.disconnect(close_caches)
    request_finished.connect(_give_back_unless_sound)


give_back = close_old_connections


def _give_back_unless_sound(**_: Any) -> None:
    for database in connections.all(initialized_only=True):
        if database.errors_occurred or database.in_atomic_block:
            database.close_if_unusable_or_obsolete()
