"""What the house is long and short of, what that cost, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.conf import settings

from fx.errors import RateUnavailable
from fx.models import Currency
from fx.money import EXACT, Denomination, Money, half_even_to_scale
from fx.pricing import RATE_EXPONENT
from fx.queries import cross, must_exist
from transactions.average_cost import Holding, value_at
from transactions.models import PositionLimit
from transactions.queries.holdings import holdings
from transactions.queries.position_limits import limits_at
from transactions.queries.totals import trial_balance
from wallets.models import Purpose

_EARNED = (Purpose.FX_INCOME, Purpose.FEE_INCOME)


@dataclass(frozen=True)
class Position:
    """What the house holds of one currency, and what it is worth.

    `income` is what spreads and fees have earned in the currency: it is exposed to the
    market as well, and no trade of the position. `mid` is None when there is no rate
    that can be trusted.
    """

    currency: Denomination
    holding: Holding
    income: Money
    mid: Fraction | None
    limit: PositionLimit | None

    @property
    def position(self) -> Money:
        return Money(self.holding.position, self.currency)

    @property
    def exposure(self) -> Money:
        """All of the currency that is the house's, whatever it came from."""
        return self.position + self.income

    @property
    def side(self) -> str:
        amount = self.holding.position
        return "flat" if not amount else "long" if amount > 0 else "short"

    @property
    def average_cost(self) -> Decimal | None:
        """What one unit cost, like a rate, for showing; None when flat."""
        amount, cost = self.holding.position, self.holding.cost
        if not amount or cost is None:
            return None
        return half_even_to_scale(Fraction(cost) / Fraction(amount), RATE_EXPONENT)

    @property
    def value(self) -> Decimal | None:
        """What the position would bring at mid; less than zero when it is short."""
        return None if self.mid is None else value_at(self.holding.position, self.mid)

    @property
    def unrealised(self) -> Decimal | None:
        """What closing the position at mid would realise."""
        if self.value is None or self.holding.cost is None:
            return None
        return EXACT.subtract(self.value, self.holding.cost)


@dataclass(frozen=True)
class PositionReport:
    """All positions at an instant, valued in one currency at the mids of then."""

    reporting: Denomination
    at: datetime
    positions: list[Position]

    @property
    def realised(self) -> Decimal | None:
        return _total(one.holding.realised for one in self.positions)

    @property
    def unrealised(self) -> Decimal | None:
        return _total(one.unrealised for one in self.positions)


def positions(*, at: datetime | None = None, now: datetime) -> PositionReport:
    """The house's positions now or at a past instant, by currency code.

    :raises UnsupportedCurrency: the reporting currency is set to one that is none.
    """
    must_exist([settings.REPORTING_CURRENCY])
    instant = now if at is None else min(at, now)
    held = holdings(settings.REPORTING_CURRENCY, at=at)
    earned = {
        one.currency: [t for t in one.totals if t.purpose in _EARNED]
        for one in trial_balance(at=at)
    }
    limits = limits_at(instant)
    codes = sorted({*held} | {code for code, totals in earned.items() if totals})
    units = Currency.objects.in_bulk([*codes, settings.REPORTING_CURRENCY])
    return PositionReport(
        units[settings.REPORTING_CURRENCY].denomination,
        instant,
        [
            Position(
                units[code].denomination,
                held.get(code, Holding()),
                sum(
                    (total.credits - total.debits for total in earned.get(code, [])),
                    Money.zero(units[code].denomination),
                ),
                _mid(code, instant),
                limits.get(code),
            )
            for code in codes
        ],
    )


def _mid(code: str, at: datetime) -> Fraction | None:
    reporting = settings.REPORTING_CURRENCY
    if code == reporting:
        return Fraction(1)
    try:
        rate = cross(code, reporting, now=at, max_age=settings.FX_MAX_RATE_AGE)
    except RateUnavailable:
        return None
    return rate.mid


def _total(figures: Iterable[Decimal | None]) -> Decimal | None:
    """Their sum; not known when one of them is not."""
    total = Decimal(0)
    for figure in figures:
        if figure is None:
            return None
        total = EXACT.add(total, figure)
    return total
