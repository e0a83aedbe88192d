"""Rates that staff give by hand: the word of a person, who says why."""

from datetime import datetime
from decimal import Decimal

from fx.providers.observation import BASE, Observation, checked

NAME = "manual"


def said(quote: str, bid: Decimal, ask: Decimal, *, now: datetime) -> Observation:
    """One euro is worth `bid` to `ask` of `quote` from now on.

    :raises AbsurdFeed:
    """
    return checked(BASE, quote, bid, ask, now, now=now)
