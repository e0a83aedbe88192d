"""Give a rate by hand."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction as db_transaction

from fx.providers import manual
from fx.providers.observation import AbsurdFeed
from fx.recording import Recorded, record
from paymentprocessor.api.errors import Refusal


def set_rate(
    quote: str,
    bid: Decimal,
    ask: Decimal,
    *,
    staff_id: UUID,
    reason: str,
    now: datetime,
) -> Recorded:
    """Record that one euro is worth `bid` to `ask` of `quote` from now on.

    It is one provider's word among others, `manual`, and measured like theirs.

    :raises Refusal: there is no reason, or nobody would quote such a rate.
    """
    if not reason.strip():
        raise Refusal("Say why this rate is given by hand.")
    try:
        observation = manual.said(quote, bid, ask, now=now)
    except AbsurdFeed as absurd:
        raise Refusal(str(absurd)) from absurd
    with db_transaction.atomic(durable=True):
        return record(
            [observation],
            provider=manual.NAME,
            now=now,
            staff_id=staff_id,
            reason=reason.strip(),
        )
