"""Adding up what moved each day, so that no page has to."""

from pathlib import Path

from django.db import connection
from django.db import transaction as db_transaction

from transactions.models import DayHorizon

_ROLL_UP = (Path(__file__).parents[1] / "sql" / "roll_up_days.sql").read_text()
# As many as a fold takes, and for the same reason: after a pause there may be more than
# fits into the time that a statement has.
_TRANSACTIONS_AT_ONCE = 50_000


def roll_up_days() -> int:
    """Add every transaction decided by now to its day, once; how many steps it took.

    Each step is a transaction of its own. Two at once queue up behind the horizon's
    row, and the second adds what is left.
    """
    steps = 1
    while _step():
        steps += 1
    return steps


def _step() -> bool:
    with db_transaction.atomic(durable=True):
        return _add_up()


def _add_up() -> bool:
    """Add the next transactions, and say whether there are more."""
    DayHorizon.objects.bulk_create([DayHorizon()], ignore_conflicts=True)
    # In a statement of its own: the next one's snapshot is from after the wait.
    DayHorizon.objects.select_for_update().get()
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP, {"transactions": _TRANSACTIONS_AT_ONCE})
        return bool(cursor.fetchone()[0])
