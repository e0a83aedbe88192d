"""Give a rate by hand."""

from datetime import datetime
from decimal import Decimal

from fx.market import PIVOT
from fx.models import Rate
from fx.providers import manual
from fx.providers.observation import AbsurdFeed
from fx.recording import Recorded, record
from paymentprocessor.api.errors import Refusal
from paymentprocessor.database.opens_transaction import opens_transaction
from users.acts import Actor, record_act


@opens_transaction
def set_rate(
    quote: str,
    bid: Decimal,
    ask: Decimal,
    *,
    actor: Actor,
    now: datetime,
) -> Recorded:
    """Record that one euro is worth `bid` to `ask` of `quote` from now on.

    It is one provider's word among others, `manual`, and measured like theirs.

    :raises Refusal: there is no reason, or nobody would quote such a rate.
    """
    if not actor.reason.strip():
        raise Refusal("Say why this rate is given by hand.")
    try:
        observation = manual.said(quote, bid, ask, now=now)
    except AbsurdFeed as absurd:
        raise Refusal(str(absurd)) from absurd
    recorded = record(
        [observation],
        provider=manual.NAME,
        now=now,
        staff_id=actor.staff_id,
        reason=actor.reason.strip(),
    )
    rate = Rate.objects.filter(provider=manual.NAME, quote=quote, as_of=now)
    said = {"pair": f"{PIVOT}/{quote}", "bid": str(bid), "ask": str(ask)}
    record_act(actor, "rate.given", rate.latest("fetched_at"), after=said)
    return recorded
