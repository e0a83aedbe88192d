"""Orders that are sure to be carried out in one group."""

from collections.abc import Callable
from threading import Thread
from typing import Any

from django.db import connection

from tests.threads import PATIENCE_S, until
from transactions import group_commit


def together(*actions: Callable[[], Any]) -> list[Any]:
    """What each comes to, in the order in which one group takes them."""
    groups = group_commit._groups
    outcomes: list[Any] = [None] * len(actions)

    def run(number: int, action: Callable[[], Any]) -> None:
        try:
            outcomes[number] = action()
        except Exception as failure:
            outcomes[number] = failure
        finally:
            connection.close()

    assert not groups._is_busy
    groups._is_busy = True
    threads = [Thread(target=run, args=pair) for pair in enumerate(actions)]
    for number, thread in enumerate(threads, start=1):
        thread.start()
        until(lambda number=number: len(groups._waiting) == number)
    groups._pass_on()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert not groups._is_busy
    return outcomes
