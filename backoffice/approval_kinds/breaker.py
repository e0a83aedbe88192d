"""The breaker of a pair is closed: two people looked, and take the level as it is."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from backoffice.approval_kinds.kind import CHANGED, Change, Facts, Payload
from backoffice.approval_kinds.market import market_facts, open_breakers
from fx.breaker import take_turn
from fx.consensus import has_moved
from fx.market import PIVOT, current_limits, markets
from fx.models import Verdict
from fx.money import plain
from fx.services import close_breaker
from paymentprocessor.api.errors import Refusal
from users.acts import Actor


class CloseBreaker(Change):
    """Bound to the verdict that opened it, and to the level, as a breaker would be.

    Rates move with every word of a provider. So the level that is accepted may be
    another than was shown, but by no more than what opens a breaker.
    """

    title = "Close a breaker"
    permission = "fx.change_verdict"
    # The market of then is not that of tomorrow.
    valid_for = timedelta(hours=1)

    def told(self, payload: Payload) -> Facts:
        quote = payload["quote"]
        return {
            "Pair": f"{PIVOT}/{quote}",
            "Open by": Verdict.objects.filter(pk=payload["opened_by"]).first(),
            "Level that is taken as right": f"{payload['bid']} to {payload['ask']}",
            "Or one as near to it as": f"{current_limits().max_move_bps} bps",
        }

    def bound(self, payload: Payload) -> dict[str, Any]:
        return {"opened_by": open_breakers([payload["quote"]]).get(payload["quote"])}

    def take_turn(self, payload: Payload, *, now: datetime) -> None:
        take_turn(now)

    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        quote, bid, ask = payload["quote"], payload["bid"], payload["ask"]
        limits = current_limits()
        leg = markets([quote], at=take_turn(now), limits=limits)[quote].consent()
        if has_moved(leg, Decimal(bid), Decimal(ask), limits.max_move_bps):
            raise Refusal(CHANGED)
        close_breaker.within(f"{PIVOT}/{quote}", actor=actor, now=now)

    def look(self, payload: Payload, *, now: datetime) -> Facts:
        return market_facts([payload["quote"]], now=now)


def level_now(quote: str, *, now: datetime) -> dict[str, str]:
    """What the providers agree on at this moment, to be asked for.

    :raises RateUnavailable: there is no level that could be accepted.
    """
    leg = markets([quote], at=now, limits=current_limits())[quote].consent()
    return {"quote": quote, "bid": plain(leg.bid), "ask": plain(leg.ask)}
