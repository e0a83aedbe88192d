"""Record the rates of a file, all of them or none."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction as db_transaction

from fx.models import FeedError
from fx.providers.observation import AbsurdFeed, Observation
from fx.recording import Recorded, record_file
from users.acts import Actor


def load_file(
    observations: Iterable[Observation],
    *,
    provider: str,
    now: datetime,
    actor: Actor | None = None,
) -> Recorded:
    """Record what is read from a file; why none of it was, is kept as a `FeedError`.

    Which of staff brought it, and why, stands with every observation.

    :raises AbsurdFeed: also halfway, when a later line is wrong; nothing was recorded.
    """
    try:
        with db_transaction.atomic(durable=True):
            return record_file(observations, provider=provider, now=now, actor=actor)
    except AbsurdFeed as absurd:
        with db_transaction.atomic(durable=True):
            FeedError.objects.create(
                provider=provider, at=now, what=str(absurd), excerpt=absurd.excerpt
            )
        raise
