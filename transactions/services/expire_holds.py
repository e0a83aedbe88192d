"""Holds whose time is up give back what they held."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction as db_transaction
from django.db.models import Q
from django.db.models.functions import Now

from transactions import reserve
from transactions.models import Hold, HoldStatus
from wallets.locking import lock_any_wallets

_BATCH = 500


class Sweep(NamedTuple):
    """How many holds expired, and how many were left since somebody was at them."""

    expired: int
    skipped: int


class _Due(NamedTuple):
    """A hold to expire, in the order of the index."""

    expires_at: datetime
    id: UUID
    wallet_id: UUID


def expire_holds(*, batch: int = _BATCH) -> Sweep:
    """End every hold whose time is up by the database's clock.

    In batches of their own transactions, so that no customer waits for long, and
    without waiting for customers either: what they are at is left for the next sweep.
    Two sweeps at once do no harm.
    """
    expired = skipped = 0
    due: list[_Due] = []
    while due := _due(after=due[-1] if due else None, limit=batch):
        done = _expire(due)
        expired += done
        skipped += len(due) - done
    return Sweep(expired, skipped)


def _due(*, after: _Due | None, limit: int) -> list[_Due]:
    """The next holds in their order; those skipped before do not come again."""
    holds = Hold.objects.filter(status=HoldStatus.ACTIVE, expires_at__lte=Now())
    if after is not None:
        holds = holds.filter(
            Q(expires_at__gt=after.expires_at)
            | Q(expires_at=after.expires_at, id__gt=after.id),
            expires_at__gte=after.expires_at,
        )
    rows = holds.order_by("expires_at", "id").values_list(*_Due._fields)
    return [_Due(*row) for row in rows[:limit]]


def _expire(due: list[_Due]) -> int:
    with db_transaction.atomic(durable=True):
        ids = {one.wallet_id for one in due}
        wallets = {w.id: w for w in lock_any_wallets(ids, skip_locked=True)}
        holds = list(
            # Looked at again: before the locks, others may have ended some.
            Hold.objects.filter(
                pk__in=[one.id for one in due],
                wallet_id__in=wallets,
                status=HoldStatus.ACTIVE,
            ).select_for_update(no_key=True)
        )
        for hold in holds:
            hold.wallet = wallets[hold.wallet_id]
        if holds:
            reserve.expire(holds)
    return len(holds)
