"""How a conversion came by its amounts: every input and step, and the sum done again.

Nothing is taken from the result. The observations that the conversion names are read
again, the price is made from them by the same pure functions as then, and what comes
out is compared with what stands in the books.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from fx.models import Currency, Rate
from fx.money import Denomination, Money, half_even_to_scale, plain
from fx.pricing import (
    RATE_EXPONENT,
    CrossRate,
    Leg,
    Price,
    mid_of,
    price_fixed_source,
    price_fixed_target,
)
from fx.queries import legs_of, rates_of
from transactions.errors import NotAConversion
from transactions.models import Conversion, FixedSide
from transactions.queries import posted_transaction


@dataclass(frozen=True)
class Step:
    """One line of the calculation, as one would write it down."""

    what: str
    calculation: str
    result: str


@dataclass(frozen=True)
class Explanation:
    """A conversion done again, beside what was booked."""

    transaction_id: UUID
    rates: list[Rate]
    steps: list[Step]
    booked: dict[str, str]
    recomputed: dict[str, str]

    @property
    def matches(self) -> bool:
        return self.booked == self.recomputed


def explain(transaction_id: UUID) -> Explanation:
    """Do a conversion again from its observations.

    :raises TransactionNotFound, NotAConversion:
    """
    booked = posted_transaction(transaction_id).conversion
    if booked is None:
        raise NotAConversion
    rates = rates_of([UUID(id_) for id_ in booked.rate_ids])
    units = Currency.objects.in_bulk([booked.source_currency, booked.target_currency])
    source = units[booked.source_currency].denomination
    target = units[booked.target_currency].denomination
    price = _price(booked, rates, source, target)
    return Explanation(
        transaction_id,
        rates,
        _steps(rates, price),
        _figures_of_row(booked, source, target),
        _figures_of_price(price),
    )


def _price(
    booked: Conversion, rates: list[Rate], source: Denomination, target: Denomination
) -> Price:
    rate = CrossRate.through(source.code, target.code, legs_of(rates))
    if booked.fixed_side == FixedSide.SOURCE:
        sold = Money(booked.source_amount, source)
        return price_fixed_source(sold, target, rate, booked.spread_bps)
    bought = Money(booked.target_amount, target)
    return price_fixed_target(bought, source, rate, booked.spread_bps)


def _steps(rates: list[Rate], price: Price) -> list[Step]:
    sold, bought = price.from_amount, price.to_amount
    rate, spread = plain(price.client_rate), plain(price.spread_bps)
    legs = [step for leg in legs_of(rates) for step in _steps_of_leg(leg)]
    cross = Step(
        "mid rate, exact until the next step",
        f"one {sold.currency.code} in {bought.currency.code}, through the rates above",
        plain(price.mid_rate),
    )
    client = Step(
        "client rate, cut off at 12 decimals",
        f"mid x (1 - {spread} / 10000)",
        rate,
    )
    if price.fixed_side == "source":
        amount = Step("target, rounded down", f"{sold} x {rate}", str(bought))
    else:
        amount = Step("source, rounded up", f"{bought} / {rate}", str(sold))
    spread_amount = Step(
        "spread, the house's income",
        f"{sold} at mid, rounded down: {price.mid_amount}, less {bought}",
        str(price.spread_amount),
    )
    residual = Step(
        "rounding residual",
        f"{plain(price.exact_target)} - {bought.text}",
        plain(price.residual),
    )
    return [*legs, cross, client, amount, spread_amount, residual]


def _steps_of_leg(leg: Leg) -> list[Step]:
    """What each provider said and, if there are several, what they agree on."""
    pair = f"{leg.base}/{leg.quote}"
    said = [
        _middle(
            f"{pair} by {one.provider}, {one.as_of:%Y-%m-%d %H:%M} UTC",
            one.bid,
            one.ask,
        )
        for one in leg.sources
    ]
    if len(said) == 1:
        return said
    bids, asks = (
        ", ".join(plain(number) for number in sorted(numbers))
        for numbers in (
            (one.bid for one in leg.sources),
            (one.ask for one in leg.sources),
        )
    )
    return [
        *said,
        Step(f"{pair}, median of the bids", f"median of {bids}", plain(leg.bid)),
        Step(f"{pair}, median of the asks", f"median of {asks}", plain(leg.ask)),
        _middle(f"{pair}, agreed", leg.bid, leg.ask),
    ]


def _middle(what: str, bid: Decimal, ask: Decimal) -> Step:
    middle = half_even_to_scale(mid_of(bid, ask), RATE_EXPONENT)
    return Step(what, f"({plain(bid)} + {plain(ask)}) / 2", plain(middle))


def _figures_of_row(
    row: Conversion, source: Denomination, target: Denomination
) -> dict[str, str]:
    return _figures(
        Money(row.source_amount, source),
        Money(row.target_amount, target),
        Money(row.spread_amount, target),
        (row.mid_rate, row.client_rate, row.exact_target, row.residual),
    )


def _figures_of_price(price: Price) -> dict[str, str]:
    return _figures(
        price.from_amount,
        price.to_amount,
        price.spread_amount,
        (price.mid_rate, price.client_rate, price.exact_target, price.residual),
    )


def _figures(
    sold: Money, bought: Money, spread: Money, numbers: tuple[Decimal, ...]
) -> dict[str, str]:
    names = ("mid_rate", "fx_rate", "exact_to_amount", "rounding_residual")
    return {
        "from_amount": str(sold),
        "to_amount": str(bought),
        "spread_amount": str(spread),
    } | dict(zip(names, map(plain, numbers), strict=True))
