"""What the market says of currencies at an instant: one query, then the consensus.

Nothing here writes: on the way of a customer a pair is judged by what was decided
before. A breaker is opened by whoever records (`fx/breaker.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from django.conf import settings

from fx.consensus import Limits, agree, consent, has_moved
from fx.errors import RateUnavailable
from fx.models import Rate, Verdict
from fx.pricing import Leg, Source
from paymentprocessor.database.prepared import Statement
from paymentprocessor.database.round_trip import Row

# Every rate is kept against the euro, as the ECB publishes it; all others are crosses.
PIVOT: Final = "EUR"

# What `fx/sql/latest.sql` says of an observation, before it comes to the verdict.
_SOURCE_COLUMNS = len(fields(Source))

_SQL = Path(__file__).parent / "sql"
_PROVIDERS = (_SQL / "providers.sql").read_text()
_LATEST = Statement(_PROVIDERS + (_SQL / "latest.sql").read_text())
_DAYS = _PROVIDERS + (_SQL / "days.sql").read_text()

# The newest of what was ever observed and decided, for statements that come before the
# rates are asked for. As long as it stays the same, so do the rates.
HEARD = """
concat((SELECT id FROM fx_rate ORDER BY id DESC LIMIT 1),
       (SELECT id FROM fx_verdict ORDER BY id DESC LIMIT 1))
"""

# How long the rates of an instant are those of the instants around it, too: what was
# recorded by a slow clock, or for an instant to come, counts that much later.
_SAME_MOMENT = timedelta(seconds=1)
_KEPT = 1000
_Asked = tuple[frozenset[str], timedelta]
_kept: dict[_Asked, tuple[str, datetime, list[Row]]] = {}


@dataclass(frozen=True)
class Standing:
    """The newest verdict on a pair: its breaker, and the level that was accepted."""

    kind: str
    at: datetime
    bid: Decimal
    ask: Decimal
    reason: str

    @property
    def is_open(self) -> bool:
        return self.kind == Verdict.Kind.OPENED


@dataclass(frozen=True)
class Word:
    """What a provider said last, and when we heard it."""

    source: Source
    fetched_at: datetime


@dataclass
class Market:
    """What is known of the euro in one currency at an instant."""

    quote: str
    at: datetime
    limits: Limits
    words: list[Word] = field(default_factory=list)
    standing: Standing | None = None

    @property
    def sources(self) -> list[Source]:
        """One per provider: of those who had spoken by then or, if none had, of all.

        A history that was loaded afterwards answers for the time before anybody
        listened, and changes nothing of the time since.
        """
        known = [
            word.source
            for word in self.words
            if word.fetched_at <= self.at and self.limits.is_fresh(word.source, self.at)
        ]
        return known or [word.source for word in self.words]

    def consent(self) -> Leg:
        """What the providers agree on, whatever was accepted before.

        :raises RateUnavailable:
        """
        return consent(PIVOT, self.quote, self.sources, self.at, self.limits)

    def leg(self) -> Leg:
        """The rate to convert at.

        :raises RateUnavailable: none is fresh, the providers disagree, the breaker is
            open, or would be if somebody looked.
        """
        leg = self.consent()
        if self.standing is None:
            return leg
        pair = f"{PIVOT}/{self.quote}"
        if self.standing.is_open:
            raise RateUnavailable(
                f"The breaker of {pair} is open since "
                f"{self.standing.at:%Y-%m-%d %H:%M} UTC: {self.standing.reason}",
                currency=self.quote,
                reason="breaker_open",
            )
        if self.has_moved(leg):
            raise RateUnavailable(
                f"The rate of {pair} is too far from the last that was accepted.",
                currency=self.quote,
                reason="moved_too_far",
            )
        return leg

    def has_moved(self, leg: Leg) -> bool:
        return self.standing is not None and has_moved(
            leg, self.standing.bid, self.standing.ask, self.limits.max_move_bps
        )


def current_limits(max_age: timedelta | None = None) -> Limits:
    """The limits that are set, or with another age for the unhurried providers."""
    return Limits(
        max_age=settings.FX_MAX_RATE_AGE if max_age is None else max_age,
        max_feed_age=settings.FX_MAX_FEED_AGE,
        max_deviation_bps=settings.FX_MAX_DEVIATION_BPS,
        max_move_bps=settings.FX_MAX_MOVE_BPS,
    )


def markets(
    quotes: Collection[str], *, at: datetime, limits: Limits, heard: str | None = None
) -> dict[str, Market]:
    """The euro in each of these currencies at an instant, in one query at most.

    Whoever knows what was `HEARD` last needs none, if it was asked for with that a
    moment ago.
    """
    found = {quote: Market(quote, at, limits) for quote in quotes}
    asked = frozenset(found), limits.longest
    for quote, fetched_at, *row in _latest(asked, at, heard):
        said, decided = row[:_SOURCE_COLUMNS], row[_SOURCE_COLUMNS:]
        market = found[quote]
        market.words.append(Word(Source(*said), fetched_at))
        market.standing = Standing(*decided) if decided[0] else None
    return found


def _latest(asked: _Asked, at: datetime, heard: str | None) -> list[Row]:
    kept_heard, kept_at, rows = _kept.get(asked, (None, at, []))
    if heard is not None and heard == kept_heard and abs(at - kept_at) < _SAME_MOMENT:
        return rows
    quotes, longest = asked
    rows = _LATEST.rows({"quotes": list(quotes), "at": at, "longest": longest})
    if heard is not None:
        if len(_kept) >= _KEPT:
            _kept.clear()
        _kept[asked] = heard, at, rows
    return rows


def legs_of(rates: Iterable[Rate]) -> list[Leg]:
    """One leg per pair, in the order in which the pairs come: what a rate was of."""
    of_pair: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for rate in rates:
        of_pair[rate.base, rate.quote].append(rate.source)
    return [agree(*pair, sources) for pair, sources in of_pair.items()]


def last_of_days(
    quotes: Collection[str], *, since: datetime, until: datetime
) -> dict[datetime, dict[str, list[Source]]]:
    """Of each day (UTC) and currency the last word of each provider, in one query."""
    parameters = {"quotes": list(quotes), "since": since, "until": until}
    found: dict[datetime, dict[str, list[Source]]] = {}
    for rate in Rate.objects.raw(_DAYS, parameters):
        of_day = found.setdefault(vars(rate)["day"], {})
        of_day.setdefault(rate.quote, []).append(rate.source)
    return found
