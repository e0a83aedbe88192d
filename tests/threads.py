"""Doing things at the same time, in real threads with connections of their own."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any

from django.db import connection

PATIENCE_S = 180
"""For how long a test waits for the others that share its server."""


def at_once(actions: Iterable[Callable[[], Any]]) -> list[Any]:
    """Start all actions together; what each returned or raised, in their order."""
    actions = list(actions)
    outcomes: list[Any] = [None] * len(actions)
    start = Barrier(len(actions))

    def run(number: int, action: Callable[[], Any]) -> None:
        start.wait()
        outcomes[number] = outcome_of(action)

    threads = [Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def outcome_of(action: Callable[[], Any]) -> Any:
    """What it returned or raised, in a thread that ends with it."""
    try:
        return action()
    except Exception as error:
        return error
    finally:
        connection.close()


def until(happened: Callable[[], bool], *, patience_s: float = PATIENCE_S) -> None:
    """Wait until it has happened."""
    deadline = time.monotonic() + patience_s
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def deadlocks() -> int:
    """How many deadlocks the database has had to break, ever."""
    with connection.cursor() as cursor:
        # Sessions that ended have reported; ours must not see a cached snapshot.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def wait_for_older_writers() -> None:
    """Wait until every writer that began before now has come to an end.

    Test processes share a server, and an event shows only when all older writers of the
    server are done.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())")
        [next_writer] = cursor.fetchone()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8",
                [next_writer],
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError(f"an older writer has been at work for {PATIENCE_S} s")


def wait_for_somebody_who_waits_for_us() -> None:
    """Wait until another session waits for what our transaction has locked."""

    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
            )
            return bool(cursor.fetchone()[0])

    until(somebody_waits)


@contextmanager
def patient_locks() -> Iterator[None]:
    """Queues of dozens on a busy machine take longer than a client would wait."""
    options = connection.settings_dict["OPTIONS"]
    before = options["options"]
    options["options"] = before.replace("lock_timeout=2000", "lock_timeout=60000")
    assert options["options"] != before
    connection.close()
    try:
        yield
    finally:
        options["options"] = before
        connection.close()
