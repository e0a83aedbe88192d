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
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        DayHorizon.objects.bulk_create([DayHorizon()], ignore_conflicts=True)
        DayHorizon.objects.select_for_update().get()
        cursor.execute(_ROLL_UP)
