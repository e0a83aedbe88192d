"""What an amount is worth in the unit in which a limit is reckoned."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.conf import settings

from fx.errors import RateUnavailable
from fx.money import MAX_AMOUNT, Denomination, ceil_to_scale, floor_to_scale
from fx.policies import database_now
from fx.pricing import CrossRate
from fx.queries import crosses


@dataclass
class Reckoner:
    """Reckons at the exact mid of one moment, and rounds up.

    Of each pair the rate is asked for once, and only when it is needed; that there is
    none is remembered, too.
    """

    _now: datetime | None = None
    _rates: dict[tuple[str, str], CrossRate | RateUnavailable] = field(
        default_factory=dict
    )

    @property
    def now(self) -> datetime:
        """The moment, by the database's clock."""
        if self._now is None:
            self._now = database_now()
        return self._now

    @now.setter
    def now(self, now: datetime) -> None:
        self._now = now

    def worth(
        self, amount: Decimal, currency: str, unit: Denomination | None
    ) -> Decimal:
        """The amount in that unit; nothing where amounts do not count.

        At most `MAX_AMOUNT`, which no limit is beyond: a total of such worths is a
        number that the books can keep, whatever the rate.

        :raises RateUnavailable:
        """
        if unit is None or not amount:
            return Decimal(0)
        if currency == unit.code:
            return amount
        mid = self._mid(currency, unit.code)
        worth = ceil_to_scale(Fraction(amount) * mid, unit.exponent)
        return min(worth, floor_to_scale(MAX_AMOUNT, unit.exponent))

    def _mid(self, currency: str, unit: str) -> Fraction:
        pair = currency, unit
        if pair not in self._rates:
            max_age = settings.FX_MAX_RATE_AGE
            found = crosses([currency], unit, now=self.now, max_age=max_age)
            self._rates[pair] = found[currency]
        rate = self._rates[pair]
        if isinstance(rate, RateUnavailable):
            raise rate
        return rate.mid
