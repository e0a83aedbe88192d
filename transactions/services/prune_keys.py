"""Forgetting idempotency keys that nobody will repeat any more."""

from datetime import datetime

from django.db import transaction as db_transaction

from transactions.models import IdempotencyKey


def prune_keys(*, before: datetime) -> int:
    """Remove the keys first used before that instant; how many there were.

    What they did stays on the books; only the promise to answer a repetition ends.
    """
    with db_transaction.atomic(durable=True):
        removed, _ = IdempotencyKey.objects.filter(created_at__lt=before).delete()
    return removed
