"""The few statements that every movement makes, sent with as little ado as can be.

Django's cursors and psycopg's each take a statement apart and put it together again,
which costs several times what PostgreSQL needs to carry one of these out. So they are
prepared once per connection, and executed by libpq's own calls. BEGIN goes along with
the first of a transaction, and COMMIT with the last, if it says that it is: each
statement is one round trip, and there are no others. What comes back is read by the
type that PostgreSQL says it has.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, cast
from uuid import UUID
from weakref import WeakSet

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from paymentprocessor.database.commit_along import (
    CommitAlong,
    block_to_commit,
    block_to_wait,
)
from paymentprocessor.database.round_trip import (
    Prepared,
    Row,
    in_one_trip,
    is_refusal,
    sqlstate,
)
from paymentprocessor.database.started import Started

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_SUCCEEDED = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}
_names = count(1)

# By the type's number in pg_type, from the text that PostgreSQL writes of a value.
_READERS: dict[int, Callable[[bytes], Any]] = {
    16: b"t".__eq__,  # boolean
    17: lambda text: bytes.fromhex(text[2:].decode()),  # bytea
    20: int,  # bigint
    21: int,  # smallint
    23: int,  # integer
    25: bytes.decode,  # text
    114: json.loads,
    1043: bytes.decode,  # varchar
    1184: lambda text: datetime.fromisoformat(text.decode()),  # timestamptz
    1700: lambda text: Decimal(text.decode()),  # numeric
    2950: lambda text: UUID(text.decode()),
}


class Statement:
    """A statement with named parameters, `%(name)s`, always of the same text.

    Parameters are None, text, numbers, bytes, UUIDs, instants, spans of time, and lists
    of those; where PostgreSQL could not tell a type from the place it stands in, the
    statement says it (`%(ids)s::uuid[]`).
    """

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._parameters = list(dict.fromkeys(_PLACEHOLDER.findall(sql)))
        self._name = f"statement_{next(_names)}".encode()
        self._prepared_on: WeakSet[psycopg.Connection[Any]] = WeakSet()

    def rows(self, parameters: Mapping[str, Any], *, last: bool = False) -> list[Row]:
        """Execute it, in the transaction that runs, and give what it returns.

        Who says that it is the `last` of a `CommitAlong` has it committed at once, if
        that is to be kept; anywhere else it makes no difference.

        :raises django.db.Error: as any query of Django's.
        """
        database = _database()
        if _is_looked_at(database):
            return self._by_cursor(database, parameters)
        # After an error that somebody caught inside of the block.
        database.validate_no_broken_transaction()
        ending = block_to_commit(database) if last else None
        with database.wrap_database_errors:
            return _read(self._execute(database, self._texts(parameters), ending))

    def start(self, parameters: Mapping[str, Any]) -> Callable[[], list[Row]]:
        """Have it executed while the caller goes on, who has to ask for its rows later.

        In a `CommitAlong`, which waits for it if it never comes to that. For what else
        is asked meanwhile see `Started`.

        :raises django.db.Error: what went wrong before; the rows raise the rest.
        """
        database = _database()
        if _is_looked_at(database):
            rows = self._by_cursor(database, parameters)
            return lambda: rows
        block = block_to_wait(database)
        database.validate_no_broken_transaction()
        with database.wrap_database_errors:
            if begin := _to_begin(database):
                _check_all(in_one_trip(database.connection.pgconn, begin))
            sent = self._prepare(database.connection), self._texts(parameters)
            block.started = Started(database, sent, _checked_rows)
        return block.started.rows

    def _by_cursor(
        self, database: DatabaseWrapper, parameters: Mapping[str, Any]
    ) -> list[Row]:
        with database.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            return cast("list[Row]", cursor.fetchall())

    def _texts(self, parameters: Mapping[str, Any]) -> list[Any]:
        return [_text(parameters[name]) for name in self._parameters]

    def _execute(
        self,
        database: DatabaseWrapper,
        texts: Sequence[Any],
        ending: CommitAlong | None,
    ) -> PGresult:
        connection = database.connection
        libpq, begin = connection.pgconn, _to_begin(database)
        execute = self._prepare(connection), texts
        if ending is not None:
            results = _and_commit(connection, [*begin, execute], ending)
        elif begin:
            results = in_one_trip(libpq, [*begin, execute])
        else:
            results = [libpq.exec_prepared(*execute)]
        _check_all(results)
        return results[len(begin)]

    def _prepare(self, connection: "psycopg.Connection[Any]") -> bytes:
        """Its name on the connection, where it is prepared the first time."""
        if connection not in self._prepared_on:
            _check(connection.pgconn.prepare(self._name, self._numbered()))
            self._prepared_on.add(connection)
        return self._name

    def _numbered(self) -> bytes:
        """The text as PostgreSQL reads it, with `$1` for the first parameter."""
        number = {name: index for index, name in enumerate(self._parameters, start=1)}
        text = _PLACEHOLDER.sub(lambda match: f"${number[match[1]]}", self._sql)
        return text.replace("%%", "%").encode()


def _database() -> DatabaseWrapper:
    # Not `django.db.connection`, which looks the thread's own up each time.
    database = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
    database.ensure_connection()
    return database


def _is_looked_at(database: DatabaseWrapper) -> bool:
    """Whether its queries have to be legible: these would pass by unseen.

    Or another one that was started is not done, for which Django's cursors wait.
    """
    return bool(database.queries_logged or database.execute_wrappers)


# These statements look rows up by their keys. PostgreSQL cannot know that they are
# about a few rows only, and would rather read a table of some thousand as a whole, or
# an index, to join it with those.
_BY_KEYS = """
SELECT set_config('enable_seqscan', 'off', true),
       set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true)"""
# Others wait for whoever does the work of many, so that one does not wait long itself.
_IN_A_HURRY = f"{_BY_KEYS}, set_config('lock_timeout', '50ms', true)"
_BEGIN, _COMMIT = Statement("BEGIN"), Statement("COMMIT")
_LOOK_UP, _LOOK_UP_IN_A_HURRY = Statement(_BY_KEYS), Statement(_IN_A_HURRY)


def _to_begin(database: DatabaseWrapper) -> list[Prepared]:
    """What goes before a statement: as with psycopg, the first one of a transaction
    begins it.

    And that rows are looked up, whoever began it: a plan is made by whichever statement
    comes first on a connection, and kept for all that follow. A movement says so once.
    """
    connection = database.connection
    if connection.autocommit:
        return []
    is_idle = connection.pgconn.transaction_status == TransactionStatus.IDLE
    look_up = _LOOK_UP
    match database.atomic_blocks:
        case [CommitAlong() as movement]:
            if movement.looks_up and not is_idle:
                return []
            movement.looks_up = True
            look_up = _LOOK_UP_IN_A_HURRY if movement.hurries else _LOOK_UP
    before = [_BEGIN, look_up] if is_idle else [look_up]
    return [(statement._prepare(connection), ()) for statement in before]


def _and_commit(
    connection: "psycopg.Connection[Any]", sent: list[Prepared], ending: CommitAlong
) -> list[PGresult]:
    commit = _COMMIT._prepare(connection), ()
    ending.commit()
    results = in_one_trip(connection.pgconn, [*sent, commit])
    # A server that refuses what goes before COMMIT does not come to it.
    ending.is_committing = not any(map(is_refusal, results[: len(sent)]))
    return results


def _check_all(results: Iterable[PGresult]) -> None:
    for result in results:
        _check(result)


def _check(result: PGresult) -> None:
    """:raises psycopg.Error: it is not what comes of a statement that succeeded."""
    if result.status in _SUCCEEDED:
        return
    if sqlstate(result) is None:
        # By libpq's own word: the connection is gone.
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)


def _read(result: PGresult) -> list[Row]:
    value, columns = result.get_value, range(result.nfields)
    readers = [(column, _READERS[result.ftype(column)]) for column in columns]
    return [
        tuple(
            [
                None if (text := value(row, column)) is None else read(text)
                for column, read in readers
            ]
        )
        for row in range(result.ntuples)
    ]


def _checked_rows(result: PGresult) -> list[Row]:
    _check(result)
    return _read(result)


def _text(value: Any) -> bytes | None:
    """A parameter as PostgreSQL reads it."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    if isinstance(value, list):
        value = f"{{{','.join(map(_quoted, value))}}}"
    text = str(value)
    if "\0" in text:
        # For libpq the text would end there.
        raise psycopg.DataError("PostgreSQL keeps no NUL in a text.")
    return text.encode()


_escaped = partial(re.compile(r'(["\\])').sub, r"\\\1")


def _quoted(value: Any) -> str:
    """An element of an array."""
    return f'"{_escaped(str(value))}"' if value is not None else "NULL"
