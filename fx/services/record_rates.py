"""Record what a provider published, as new rows that stand beside the old ones."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction as db_transaction

from fx.providers.observation import Observation
from fx.recording import Recorded, record


def record_rates(
    observations: Iterable[Observation], *, provider: str, now: datetime
) -> Recorded:
    """Record all of them or, when reading them raises, none.

    What this provider says of that instant already is skipped; another value for the
    same instant is a correction, and becomes a row of its own.

    :raises AbsurdFeed: for two values at one instant.
    """
    with db_transaction.atomic(durable=True):
        return record(observations, provider=provider, now=now)
