"""Prices: pure functions from an exact rate and an amount to what is booked.

Rounding happens in these places only, and each time for the house:

1. the client rate is the exact mid less the spread, or the market's own side where that
   is less, cut off at 12 decimals. From there
   on this printed rate is the price, so that anybody can check an answer with a pocket
   calculator;
2. with the source fixed, the target is `from_amount * client_rate`, floored to the
   target's scale;
3. with the target fixed, the source is `to_amount / client_rate`, ceiled to the
   source's scale.

A reciprocal is never rounded, and a cross rate is a fraction until the client rate is
made from it. As every client rate is at most the exact mid, and the mids around any
cycle multiply to exactly one, no cycle of conversions gains a unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Literal
from uuid import UUID

from fx.errors import AmountTooLarge, AmountTooSmall, RateUnavailable, SameCurrency
from fx.money import (
    EXACT,
    MAX_AMOUNT,
    Denomination,
    Money,
    ceil_to_scale,
    floor_to_scale,
    floored,
    floored_product,
    half_even_to_scale,
)

RATE_EXPONENT = 12
# Rates are stored as numeric(24, 12).
MAX_RATE = Decimal("999999999999.999999999999")
BASIS_POINTS = 10_000

FixedSide = Literal["source", "target"]


def mid_of(bid: Decimal, ask: Decimal) -> Fraction:
    """The exact middle; `Decimal` could have to round the last digit of the half."""
    return (Fraction(bid) + Fraction(ask)) / 2


@dataclass(frozen=True, slots=True)
class Source:
    """One observation of a leg's rate: the row `id`, and what that provider said."""

    id: UUID
    provider: str
    bid: Decimal
    ask: Decimal
    as_of: datetime

    def __post_init__(self) -> None:
        if not 0 < self.bid <= self.ask:
            raise ValueError(f"{self.provider}: {self.bid}, {self.ask}")


@dataclass(frozen=True, slots=True)
class Leg:
    """The rate between two currencies that its sources agree on.

    One unit of `base` is bought at `bid` and sold at `ask` units of `quote`, which
    `fx.consensus.agree` makes from the sources alone.
    """

    base: str
    quote: str
    bid: Decimal
    ask: Decimal
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        if not (0 < self.bid <= self.ask and self.sources):
            raise ValueError(f"{self.base}/{self.quote}: {self.bid}, {self.ask}")

    @property
    def mid(self) -> Fraction:
        return mid_of(self.bid, self.ask)

    @property
    def as_of(self) -> datetime:
        """A leg is as old as its oldest source."""
        return min(source.as_of for source in self.sources)


def _walk(base: str, quote: str, legs: Sequence[Leg]) -> tuple[Fraction, Fraction]:
    """The mid and the side of the way along these legs."""
    here, mid, side = base, Fraction(1), Fraction(1)
    for leg in legs:
        if here == leg.base:
            here, mid, side = leg.quote, mid * leg.mid, side * Fraction(leg.bid)
        elif here == leg.quote:
            here, mid, side = leg.base, mid / leg.mid, side / Fraction(leg.ask)
        else:
            raise ValueError(f"{leg.base}/{leg.quote} does not continue {here}")
    if here != quote:
        raise ValueError(f"the legs lead to {here}, not to {quote}")
    return mid, side


@dataclass(frozen=True)
class CrossRate:
    """The rate from one currency to another, and the legs that lead there.

    `mid` is the market's middle, and `side` what the market itself gives somebody who
    sells `base`: one leg at its bid, or against its direction at one over its ask.
    Where every source names one number only, both are the same.

    Many conversions are priced at one rate, so it remembers what it was asked for.
    """

    base: str
    quote: str
    legs: tuple[Leg, ...]
    mid: Fraction
    side: Fraction

    @classmethod
    def through(cls, base: str, quote: str, legs: Sequence[Leg]) -> "CrossRate":
        """Walk the legs from `base`, each in the direction that continues the way.

        :raises SameCurrency: when both currencies are one.
        :raises ValueError: when the legs do not lead from `base` to `quote`.
        """
        if base == quote:
            raise SameCurrency(f"Both sides of the conversion are {base}.")
        return _through(base, quote, tuple(legs))

    @cached_property
    def mid_rate(self) -> Decimal:
        """The mid at twelve decimals, as it is kept and shown."""
        return half_even_to_scale(self.mid, RATE_EXPONENT)

    @cached_property
    def rate_ids(self) -> tuple[UUID, ...]:
        """All observations, leg by leg: enough to make the legs again."""
        return tuple(source.id for leg in self.legs for source in leg.sources)

    @cached_property
    def as_of(self) -> datetime:
        """A cross rate is as old as its oldest leg."""
        return min(leg.as_of for leg in self.legs)

    @cached_property
    def _client_rates(self) -> dict[Decimal, Decimal]:
        return {}  # by the spread


# Fractions are slow, and what was observed stays for many conversions.
@lru_cache(maxsize=1024)
def _through(base: str, quote: str, legs: tuple[Leg, ...]) -> CrossRate:
    return CrossRate(base, quote, legs, *_walk(base, quote, legs))


@dataclass(frozen=True, slots=True)
class Price:
    """What a conversion costs, with everything needed to explain it.

    `mid_amount` is what the source is worth at mid, and
    `mid_amount == to_amount + spread_amount` exactly: the three lines of the books.
    `exact_target` is `from_amount * client_rate` with all its digits, and `residual` is
    what flooring (or ceiling the source) left of it to the house.
    """

    fixed_side: FixedSide
    from_amount: Money
    to_amount: Money
    mid_amount: Money
    spread_amount: Money
    mid_rate: Decimal
    client_rate: Decimal
    spread_bps: Decimal
    exact_target: Decimal
    residual: Decimal
    rate_ids: tuple[UUID, ...]
    rate_as_of: datetime


def client_rate_of(rate: CrossRate, spread_bps: Decimal) -> Decimal:
    """The rate the customer gets: mid less the spread, cut off at 12 decimals.

    Never more than the market itself gives on that side, however small the spread.

    :raises AmountTooSmall: when nothing is left of it at 12 decimals.
    :raises RateUnavailable: when it is beyond what a rate column holds.
    """
    if spread_bps not in rate._client_rates:
        rate._client_rates[spread_bps] = _client_rate(rate, spread_bps)
    return rate._client_rates[spread_bps]


def _client_rate(rate: CrossRate, spread_bps: Decimal) -> Decimal:
    if not 0 <= spread_bps < BASIS_POINTS:
        raise ValueError(f"a spread of {spread_bps} basis points")
    kept = 1 - Fraction(spread_bps) / BASIS_POINTS
    client_rate = floor_to_scale(min(rate.mid * kept, rate.side), RATE_EXPONENT)
    if client_rate == 0:
        raise AmountTooSmall(
            f"One {rate.base} is worth less than 0.000000000001 {rate.quote}."
        )
    if rate.mid_rate > MAX_RATE:
        raise RateUnavailable(f"The rate of {rate.base} in {rate.quote} is too great.")
    return client_rate


def price_fixed_source(
    from_amount: Money, to_currency: Denomination, rate: CrossRate, spread_bps: Decimal
) -> Price:
    """What the customer gets for exactly `from_amount`.

    :raises AmountTooSmall: when it buys less than one unit of the target.
    :raises AmountTooLarge: when the books cannot hold the target.
    """
    _check_way(from_amount.currency, to_currency, rate)
    _check_amount(from_amount)
    client_rate = client_rate_of(rate, spread_bps)
    # Down, so that the customer never gets a part of a unit that was not paid for.
    to_amount = floored(EXACT.multiply(from_amount.amount, client_rate), to_currency)
    return _price("source", from_amount, to_amount, rate, client_rate, spread_bps)


def price_fixed_target(
    to_amount: Money, from_currency: Denomination, rate: CrossRate, spread_bps: Decimal
) -> Price:
    """What the customer pays for exactly `to_amount`.

    It is the least source for which `price_fixed_source` would give that much.

    :raises AmountTooLarge: when the books cannot hold the source.
    """
    _check_way(from_currency, to_amount.currency, rate)
    _check_amount(to_amount)
    client_rate = client_rate_of(rate, spread_bps)
    # Up, so that the part of a unit is paid by the customer, who asked for the target.
    source = ceil_to_scale(
        Fraction(to_amount.amount) / Fraction(client_rate), from_currency.exponent
    )
    from_amount = Money(source, from_currency)
    return _price("target", from_amount, to_amount, rate, client_rate, spread_bps)


def _price(
    fixed_side: FixedSide,
    from_amount: Money,
    to_amount: Money,
    rate: CrossRate,
    client_rate: Decimal,
    spread_bps: Decimal,
) -> Price:
    _check_amount(from_amount)
    _check_amount(to_amount)
    # The mid amount is floored to the same scale as the target and the target is never
    # above it, so the spread cannot become negative.
    mid_amount = floored_product(from_amount, rate.mid, to_amount.currency)
    _check_amount(mid_amount)
    exact_target = EXACT.multiply(from_amount.amount, client_rate)
    return Price(
        fixed_side=fixed_side,
        from_amount=from_amount,
        to_amount=to_amount,
        mid_amount=mid_amount,
        spread_amount=mid_amount - to_amount,
        mid_rate=rate.mid_rate,
        client_rate=client_rate,
        spread_bps=spread_bps,
        exact_target=exact_target,
        residual=EXACT.subtract(exact_target, to_amount.amount),
        rate_ids=rate.rate_ids,
        rate_as_of=rate.as_of,
    )


def _check_way(source: Denomination, target: Denomination, rate: CrossRate) -> None:
    if source.code == target.code:
        raise SameCurrency(f"Both sides of the conversion are {source.code}.")
    if (source.code, target.code) != (rate.base, rate.quote):
        raise ValueError(
            f"a rate of {rate.base}/{rate.quote} for {source.code}/{target.code}"
        )


def _check_amount(money: Money) -> None:
    if money.amount <= 0:
        raise AmountTooSmall(
            f"The conversion comes to {money}: less than the smallest unit."
        )
    if money.amount > MAX_AMOUNT:
        raise AmountTooLarge(f"The conversion comes to {money}: more than we can book.")
