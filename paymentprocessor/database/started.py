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
        self._outcome: PGresult | psycopg.Error | None = None
        send(database.connection.pgconn, sent)
        database.execute_wrappers.append(self._before_another)

    @property
    def is_done(self) -> bool:
        return self._outcome is not None

    def rows(self) -> list[Row]:
        """:raises django.db.Error: as any query of Django's."""
        with self._database.wrap_database_errors:
            outcome = self.wait()
            if isinstance(outcome, psycopg.Error):
                raise outcome
            return self._read(outcome)

    def wait(self) -> PGresult | psycopg.Error:
        """Leave the connection to others again, whatever came of it."""
        if self._outcome is None:
            try:
                self._outcome = receive(self._database.connection.pgconn)
            except psycopg.Error as failure:
                self._outcome = failure
            self._database.execute_wrappers.remove(self._before_another)
        return self._outcome

    def _before_another(
        self, execute: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        self.rows()
        return execute(*args, **kwargs)
