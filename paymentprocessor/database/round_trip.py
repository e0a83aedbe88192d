"""Prepared statements by libpq's own calls: several with one wait for all of them, and
one that is waited for later.

What psycopg has for this waits in Python for each of its steps. Source: PostgreSQL
manual, "Pipeline Mode" and "Asynchronous Command Processing".
"""

import select
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

# The name under which a statement was prepared, and its parameters.
Prepared = tuple[bytes, Sequence[Any]]
# What it returns, as Python reads it.
Row = tuple[Any, ...]


def in_one_trip(libpq: PGconn, sent: Iterable[Prepared]) -> list[PGresult]:
    """Send them all and wait once; what each came to, until the connection was gone.

    By libpq's pipeline: after one that fails, the others are not executed.
    """
    libpq.enter_pipeline_mode()
    for name, texts in sent:
        libpq.send_query_prepared(name, texts)
    libpq.pipeline_sync()
    _finish_sending(libpq)
    results: list[PGresult] = []
    try:
        _receive(libpq, results)
    except psycopg.OperationalError:
        # The server's last words say more than that it has gone.
        if not any(map(sqlstate, results)):
            raise
    else:
        libpq.exit_pipeline_mode()
    return results


def send(libpq: PGconn, sent: Prepared) -> None:
    """Have one carried out; `receive` waits for it, before anything else is sent."""
    libpq.send_query_prepared(*sent)
    _finish_sending(libpq)


def receive(libpq: PGconn) -> PGresult:
    """What came of the one that was sent.

    :raises psycopg.OperationalError: the connection is gone.
    """
    result = _next(libpq)
    assert result is not None, "one was sent"
    try:
        while _next(libpq) is not None:
            # The end of a connection may be told by both sides.
            pass
    except psycopg.OperationalError:
        # The server's last words say more than that it has gone.
        if sqlstate(result) is None:
            raise
    return result


def _finish_sending(libpq: PGconn) -> None:
    """Send what the socket had no room for; the server may have to say something."""
    while libpq.flush():
        _wait(libpq, select.POLLIN | select.POLLOUT)


def _receive(libpq: PGconn, results: list[PGresult]) -> None:
    """Add what comes, up to the end of the trip.

    :raises psycopg.OperationalError: the connection is gone.
    """
    while True:
        result = _next(libpq)
        if result is not None:
            if result.status == ExecStatus.PIPELINE_SYNC:
                return
            results.append(result)
        elif libpq.status == ConnStatus.BAD:
            raise psycopg.OperationalError(libpq.get_error_message())


def _next(libpq: PGconn) -> PGresult | None:
    # To wait inside of `get_result` would keep every other thread waiting, too.
    while libpq.is_busy():
        _wait(libpq, select.POLLIN)
    return libpq.get_result()


def _wait(libpq: PGconn, until: int) -> None:
    poller = select.poll()
    poller.register(libpq.socket, until)
    poller.poll()
    libpq.consume_input()


def is_refusal(result: PGresult) -> bool:
    """Whether the server refused the statement, and goes on.

    Not when it is said that the connection ends: a pooler says that of a server that
    may have done all it was asked for.
    """
    is_error = result.error_field(DiagnosticField.SEVERITY_NONLOCALIZED) == b"ERROR"
    return is_error and not (sqlstate(result) or b"").startswith(b"08")


def sqlstate(result: PGresult) -> bytes | None:
    """The code of the server's error, if it is one."""
    return result.error_field(DiagnosticField.SQLSTATE)
