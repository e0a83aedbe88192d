"""Where conversions of one moment are priced: the rates, and the house's positions."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from fx.errors import RateUnavailable
from fx.pricing import CrossRate
from fx.queries import cross
from transactions.exposure import Exposure, exposure, taken_by
from transactions.postings import Posting
from webhooks.models import RecordedEvent
from webhooks.services import record_events

Pair = tuple[str, str]


class Desk:
    """The rates and positions of one database transaction, each asked for once.

    `pairs` are those that may be asked for, `heard` is what the wallets that were
    locked know of the market. What was booked here counts for what comes after it.
    """

    def __init__(
        self, pairs: Collection[Pair], *, now: datetime, heard: str | None
    ) -> None:
        self._now = now
        self._heard = heard
        self._codes = {code for pair in pairs for code in pair}
        self._rates: dict[Pair, CrossRate | RateUnavailable] = {}
        self._exposed: Exposure | None = None
        self._events: list[RecordedEvent] = []

    def rate(self, pair: Pair) -> CrossRate:
        """:raises RateUnavailable: each time, if it was so the first time."""
        if pair not in self._rates:
            try:
                self._rates[pair] = cross(
                    *pair,
                    now=self._now,
                    max_age=settings.FX_MAX_RATE_AGE,
                    heard=self._heard,
                )
            except RateUnavailable as unavailable:
                self._rates[pair] = unavailable
        rate = self._rates[pair]
        if isinstance(rate, RateUnavailable):
            raise rate
        return rate

    def exposure(self, pair: Pair) -> Exposure:
        """Where the positions stand now, with what was booked here."""
        assert self._codes.issuperset(pair), "the desk was not told of that pair"
        if self._exposed is None:
            self._exposed = exposure(self._codes, now=self._now)
        return self._exposed

    def book(self, posting: Posting) -> None:
        """Count a conversion that the ledger has taken."""
        assert self._exposed is not None, "it was priced here"
        taken = taken_by(posting)
        self._events += self._exposed.passed([taken])
        self._exposed = self._exposed.after(taken)

    def tell(self) -> None:
        """Write an event for each soft limit that one of them passed."""
        if self._events:
            record_events(self._events)
