"""Doing things at the same time, in real threads with connections of their own."""

from collections.abc import Callable, Iterable
from threading import Barrier, Thread
from typing import Any

from django.db import connection


def at_once(actions: Iterable[Callable[[], Any]]) -> list[Any]:
    """Start all actions together; what each returned or raised, in their order."""
    actions = list(actions)
    outcomes: list[Any] = [None] * len(actions)
    start = Barrier(len(actions))

    def run(number: int, action: Callable[[], Any]) -> None:
        start.wait()
        try:
            outcomes[number] = action()
        except Exception as error:  # noqa: BLE001 it is the outcome
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def deadlocks() -> int:
    """How many deadlocks the database has had to break, ever."""
    with connection.cursor() as cursor:
        # Sessions that ended have reported; ours must not see a cached snapshot.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        )
        return int(cursor.fetchone()[0])
