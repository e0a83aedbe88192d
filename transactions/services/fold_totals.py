"""Adding the ledger up behind, so that no reader has to."""

from pathlib import Path

from django.db import connection
from django.db import transaction as db_transaction

_FOLD = (Path(__file__).parents[1] / "sql" / "fold.sql").read_text()
# So many, and at most a batch of ten thousand more, fit well into the time that a
# statement has (STATEMENT_TIMEOUT_MS). That limit holds here as for everybody: readers
# rely on it (`queries/totals.py`), and a statement that runs for long holds back what
# is decided.
_TRANSACTIONS_PER_FOLD = 50_000


def fold_totals() -> int:
    """Add folds until they cover every transaction decided by now; how many it took.

    Each fold is a transaction of its own: interrupted, what is folded stays. Two runs
    at once do no harm: each fold is the whole truth below its own horizon.
    """
    folds = 1
    while _fold():
        folds += 1
    return folds


def _fold() -> bool:
    """Add one fold, and say whether there is more."""
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_FOLD, {"transactions": _TRANSACTIONS_PER_FOLD})
        return bool(cursor.fetchone()[0])
