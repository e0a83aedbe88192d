"""Record the rates of a file, all of them or none."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction as db_transaction

from fx.models import FeedError
from fx.providers.observation import AbsurdFeed, Observation
from fx.recording import Recorded, record


def load_file(
    observations: Iterable[Observation],
    *,
    provider: str,
    now: datetime,
    staff_id: UUID | None = None,
    reason: str = "",
) -> Recorded:
    """Record what is read from a file; why none of it was, is kept as a `FeedError`.

    Which of staff brought it, and why, stands with every observation.

    :raises AbsurdFeed: also halfway, when a later line is wrong; nothing was recorded.
    """
    try:
        with db_transaction.atomic(durable=True):
            return record(
                observations,
                provider=provider,
                now=now,
                staff_id=staff_id,
                reason=reason,
            )
    except AbsurdFeed as absurd:
        with db_transaction.atomic(durable=True):
            FeedError.objects.create(
                provider=provider, at=now, what=str(absurd), excerpt=absurd.excerpt
            )
        raise
