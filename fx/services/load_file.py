"""Record the rates of a file, all of them or none."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction as db_transaction

from fx.models import FeedError, Rate
from fx.providers.observation import AbsurdFeed, Observation
from fx.recording import Recorded, record
from users.acts import Actor, record_act


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
            recorded = record(
                observations,
                provider=provider,
                now=now,
                staff_id=actor.staff_id if actor else None,
                reason=actor.reason if actor else "",
            )
            if recorded.new:
                newest = Rate.objects.filter(provider=provider).latest("fetched_at")
                read = {"provider": provider, "new": recorded.new}
                record_act(actor, "rates.uploaded", newest, after=read)
            return recorded
    except AbsurdFeed as absurd:
        with db_transaction.atomic(durable=True):
            FeedError.objects.create(
                provider=provider, at=now, what=str(absurd), excerpt=absurd.excerpt
            )
        raise
