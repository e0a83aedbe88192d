"""Forgetting idempotency keys that nobody will repeat any more."""

from datetime import datetime

from django.db import connection
from django.db import transaction as db_transaction

# A long transaction would hold back folds and events, and a long statement be cut off.
_KEYS_AT_ONCE = 10_000
_PRUNE = """
DELETE FROM transactions_idempotencykey WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM transactions_idempotencykey WHERE created_at < %s
    LIMIT %s FOR UPDATE SKIP LOCKED
))
"""


def prune_keys(*, before: datetime) -> int:
    """Remove the keys first used before that instant; how many there were.

    What they did stays on the books; only the promise to answer a repetition ends. It
    goes in small transactions: interrupted, the rest is left to the next run.
    """
    removed = pruned = _prune(before)
    while pruned == _KEYS_AT_ONCE:
        pruned = _prune(before)
        removed += pruned
    return removed


def _prune(before: datetime) -> int:
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_PRUNE, [before, _KEYS_AT_ONCE])
        return int(cursor.rowcount)
