"""What several providers agree on: pure functions from observations to a rate.

The agreed bid is the median of the bids, and the agreed ask that of the asks. Of an
even number it is the exact middle of the two in the middle, so whoever has the sources
makes the very same leg from them again, in any order.

Whatever is doubtful gives no rate at all (`RateUnavailable`, with its reason): nobody
spoke lately, no majority of those who did agrees, or what they agree on is too far from
what was accepted before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from fx.errors import RateUnavailable
from fx.money import EXACT
from fx.pricing import BASIS_POINTS, Leg, Source, mid_of

# They speak once a day or when they please; everybody else is a live feed.
UNHURRIED = frozenset({"ecb", "csv", "manual"})

_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Limits:
    """How old an observation may be, and how far from others and from before.

    `max_age` is for the unhurried providers, `max_feed_age` for live feeds. Both bands
    are in basis points: `max_deviation_bps` of the median of all providers,
    `max_move_bps` of the level that was accepted last.
    """

    max_age: timedelta
    max_feed_age: timedelta
    max_deviation_bps: Decimal
    max_move_bps: Decimal

    @property
    def longest(self) -> timedelta:
        return max(self.max_age, self.max_feed_age)

    def is_fresh(self, source: Source, at: datetime) -> bool:
        unhurried = source.provider in UNHURRIED
        age = self.max_age if unhurried else self.max_feed_age
        return at - source.as_of <= age


def agree(base: str, quote: str, sources: Collection[Source]) -> Leg:
    """The leg that these observations of one pair come to, whoever made them.

    :raises ValueError: when there are none.
    """
    # In the order of their ids, so that the same sources make equal legs.
    ordered = tuple(sorted(sources, key=lambda source: source.id))
    return Leg(
        base,
        quote,
        median([source.bid for source in ordered]),
        median([source.ask for source in ordered]),
        ordered,
    )


def consent(
    base: str, quote: str, sources: Collection[Source], at: datetime, limits: Limits
) -> Leg:
    """What the majority of the fresh sources agrees on; one source per provider.

    :raises RateUnavailable: `missing`, `stale` or `providers_disagree`.
    """
    if not sources:
        raise RateUnavailable(
            f"There is no rate for {quote}.", currency=quote, reason="missing"
        )
    fresh = [source for source in sources if limits.is_fresh(source, at)]
    if not fresh:
        newest = max(source.as_of for source in sources)
        raise RateUnavailable(
            f"The newest rate for {quote} is of {newest:%Y-%m-%d %H:%M} UTC, "
            "which is too old to convert at.",
            currency=quote,
            as_of=newest.isoformat(),
            reason="stale",
        )
    leg = _agreed(base, quote, tuple(fresh), limits.max_deviation_bps)
    if leg is None:
        raise RateUnavailable(
            f"The providers of rates for {quote} do not agree.",
            currency=quote,
            reason="providers_disagree",
        )
    return leg


# What was observed is the same for many conversions, and so is what it comes to.
@lru_cache(maxsize=1024)
def _agreed(
    base: str, quote: str, sources: tuple[Source, ...], max_deviation_bps: Decimal
) -> Leg | None:
    trusted = agreeing(sources, max_deviation_bps)
    return agree(base, quote, trusted) if trusted else None


def agreeing(sources: Collection[Source], max_deviation_bps: Decimal) -> list[Source]:
    """Those near the median of all, if they are more than half of them; else none.

    Both sides count, each against the median of its own: a provider whose bid and ask
    are far apart would have a harmless middle.
    """
    bid = Fraction(median([source.bid for source in sources]))
    ask = Fraction(median([source.ask for source in sources]))
    near = [
        source
        for source in sources
        if is_within(Fraction(source.bid), bid, max_deviation_bps)
        and is_within(Fraction(source.ask), ask, max_deviation_bps)
    ]
    return near if 2 * len(near) > len(sources) else []


@lru_cache(maxsize=1024)
def has_moved(leg: Leg, bid: Decimal, ask: Decimal, max_move_bps: Decimal) -> bool:
    """Whether the leg is too far from a level that was accepted."""
    return not is_within(leg.mid, mid_of(bid, ask), max_move_bps)


def is_within(value: Fraction, centre: Fraction, bps: Decimal) -> bool:
    return abs(value - centre) * BASIS_POINTS <= Fraction(bps) * centre


def median(values: Collection[Decimal]) -> Decimal:
    """The value in the middle, or exactly between the two that are.

    :raises ValueError: when there are none.
    """
    if not values:
        raise ValueError("the median of nothing")
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if low == high:
        return low
    return EXACT.multiply(EXACT.add(low, high), _HALF)
