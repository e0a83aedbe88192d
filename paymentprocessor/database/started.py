"""A statement that PostgreSQL carries out while its caller goes on.

To work out what comes next takes about as long as it takes PostgreSQL to write what
came before, and there is more than one processor.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.pq.abc import PGresult

from paymentprocessor.database.round_trip import Prepared, Row, receive, send


class Started:
    """A statement on its way; `rows` waits for it and gives what it returns.

    A connection carries out one at a time. Whoever asks for another one, through Django
    or by a `Statement`, waits for this one first, and is told if it failed.

    :param read: makes rows of the result, or raises what the statement failed with.
    """

    def __init__(
        self,
        database: DatabaseWrapper,
        sent: Prepared,
        read: Callable[[PGresult], list[Row]],
    ) -> None:
        self._database = database
        self._read = read
        self._result: PGresult | psycopg.Error | None = None
        send(database.connection.pgconn, sent)
        database.execute_wrappers.append(self._before_another)
        self._is_on_its_way = True

    @property
    def is_done(self) -> bool:
        return not self._is_on_its_way

    def rows(self) -> list[Row]:
        """:raises django.db.Error: as any query of Django's."""
        with self._database.wrap_database_errors:
            self.wait()
            if isinstance(self._result, psycopg.Error):
                raise self._result
            assert self._result is not None, "it was waited for"
            return self._read(self._result)

    def wait(self) -> None:
        """Leave the connection to others again, whatever came of it."""
        if not self._is_on_its_way:
            return
        self._is_on_its_way = False
        self._database.execute_wrappers.remove(self._before_another)
        try:
            self._result = receive(self._database.connection.pgconn)
        except psycopg.Error as failure:
            self._result = failure

    def _before_another(
        self, execute: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        self.rows()
        return execute(*args, **kwargs)
