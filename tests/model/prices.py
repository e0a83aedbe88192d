"""What the model of the product charges: rates, spreads and fees, by hand.

Amounts are whole numbers of the smallest unit, all else fractions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

DIGITS = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
CURRENCIES = list(DIGITS)
# One euro: what the market gives for it, and what it takes.
RATES = {
    "EUR": ("1", "1"),
    "USD": ("1.24", "1.26"),
    "JPY": ("149.5", "149.5"),
    "KWD": ("0.4", "0.41"),
}


@dataclass(frozen=True)
class Price:
    """What is sold and bought, and the spread, which is in the target currency."""

    source: str
    target: str
    sold: int
    bought: int
    spread: int


def mid(source: str, target: str) -> Fraction:
    """How many units of the target one unit of the source is worth."""
    one, other = (sum(map(Fraction, RATES[code])) for code in (target, source))
    return one / other


def price(source: str, target: str, units: int, side: str, bps: Fraction) -> Price:
    """Sell or buy so many units, as `side` says: of the source or of the target."""
    market = Fraction(RATES[target][0]) / Fraction(RATES[source][1])
    charged = min(mid(source, target) * (1 - bps / 10_000), market)
    rate = Fraction(floor(charged * 10**12), 10**12)
    scale = Fraction(10) ** (DIGITS[target] - DIGITS[source])
    if side == "source":
        sold, bought = units, floor(units * rate * scale)
    else:
        sold, bought = ceil(units / (rate * scale)), units
    at_mid = floor(sold * mid(source, target) * scale)
    return Price(source, target, sold, bought, at_mid - bought)


def worth(units: int, currency: str, unit: str) -> int:
    """What that is in another currency, at mid and rounded up."""
    scale = Fraction(10) ** (DIGITS[unit] - DIGITS[currency])
    return ceil(units * mid(currency, unit) * scale)


@dataclass(frozen=True)
class Fee:
    """So many units and basis points, at least and at most so many units."""

    fixed: int = 0
    bps: int = 0
    minimum: int = 0
    maximum: int | None = None

    def on(self, units: int) -> int:
        fee = max(self.fixed + ceil(Fraction(units * self.bps, 10_000)), self.minimum)
        return fee if self.maximum is None else min(fee, self.maximum)


@dataclass(frozen=True)
class Policy:
    """Spreads in basis points by currency, and fees by operation and currency.

    A rule that names no currency is for all of them, and a narrower one goes before.
    """

    spreads: Mapping[str | None, str] = field(default_factory=lambda: {None: "0"})
    premiums: Mapping[str, int] = field(default_factory=lambda: {"5m": 7, "24h": 31})
    fees: Mapping[tuple[str, str | None], Fee] = field(default_factory=dict)

    def bps(self, source: str, target: str, premium: int = 0) -> Fraction:
        of_them = [
            self.spreads[code] for code in (source, target) if code in self.spreads
        ]
        dearest = max(map(Fraction, of_them), default=Fraction(self.spreads[None]))
        return dearest + premium

    def fee(self, operation: str, units: int, currency: str) -> int:
        for about in ((operation, currency), (operation, None)):
            if about in self.fees:
                return self.fees[about].on(units)
        return 0
