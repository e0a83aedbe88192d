"""Adding the ledger up behind, so that no reader has to."""

from pathlib import Path

from django.db import connection
from django.db import transaction as db_transaction

_FOLD = (Path(__file__).parents[1] / "sql" / "fold.sql").read_text()


def fold_totals() -> None:
    """Add a fold that covers every transaction decided by now.

    Two at once do no harm: each adds the whole truth below its own horizon.
    """
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_FOLD)
