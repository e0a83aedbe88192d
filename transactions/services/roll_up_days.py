"""Adding up what moved each day, so that no page has to."""

from pathlib import Path

from django.db import connection
from django.db import transaction as db_transaction

from transactions.models import DayHorizon

_ROLL_UP = (Path(__file__).parents[1] / "sql" / "roll_up_days.sql").read_text()


def roll_up_days() -> None:
    """Add every transaction decided by now to its day, once.

    Two at once queue up behind the horizon's row, and the second adds what is left.
    """
    with db_transaction.atomic(durable=True):
        _add_up()


def _add_up() -> None:
    DayHorizon.objects.bulk_create([DayHorizon()], ignore_conflicts=True)
    # In a statement of its own: the next one's snapshot is from after the wait.
    DayHorizon.objects.select_for_update().get()
    with connection.cursor() as cursor:
        cursor.execute(_ROLL_UP)
