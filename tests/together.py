"""Orders that are sure to be carried out in one group."""

from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

from tests.threads import PATIENCE_S, outcome_of, until
from transactions import group_commit
from transactions.models import Transaction
from transactions.postings import Posted


def together(*actions: Callable[[], Any]) -> list[Any]:
    """What each comes to, in the order in which one group takes them."""
    groups = group_commit._groups
    outcomes: list[Any] = [None] * len(actions)

    def run(number: int, action: Callable[[], Any]) -> None:
        outcomes[number] = outcome_of(action)

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


def database_transactions(outcomes: Iterable[Any]) -> set[int]:
    """The numbers of PostgreSQL's transactions that they were booked in."""
    ids = [outcome.transaction.id for outcome in outcomes if is_posted(outcome)]
    return set(Transaction.objects.filter(id__in=ids).values_list("xid", flat=True))


def is_posted(outcome: Any) -> bool:
    return isinstance(outcome, Posted)
