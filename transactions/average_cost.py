"""What a position cost, by the weighted average. Pure: no database, no clock.

A position is what the house holds of one currency: above zero it is long, below zero
short. Every trade changes it by so much, for a value in the reporting currency:

- what makes the position greater adds its value to the cost, and so moves the average;
- what makes it smaller takes out its share of the cost, and realises the difference
  between the value and that share;
- what crosses zero does both: it closes the old position and opens a new one.

Always, whatever was rounded:

    cost - realised                                    = the sum of all values
    realised + (position * mid - cost)                 = position * mid - that sum

so rounding never makes or loses money; it only decides how much of a profit is realised
already. `_rounded` is the only place of it.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from fx.money import EXACT, half_even_to_scale

# Values, costs and results are kept with this many decimals of the reporting currency.
VALUE_EXPONENT = 12
_ZERO = Decimal(0)


def _rounded(value: Fraction) -> Decimal:
    """To the nearest at the scale of values, half to even."""
    return half_even_to_scale(value, VALUE_EXPONENT)


def value_at(amount: Decimal, mid: Fraction) -> Decimal:
    """What an amount is worth at a mid; a short position is worth less than zero."""
    return _rounded(Fraction(amount) * mid)


def _share(value: Decimal | None, part: Decimal, whole: Decimal) -> Decimal | None:
    """The share of a value that goes with `part` of `whole`, in the value's sign."""
    if value is None:
        return None
    fraction = Fraction(part.copy_abs()) / Fraction(whole.copy_abs())
    return _rounded(Fraction(value) * fraction)


def _sum(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return None if first is None or second is None else EXACT.add(first, second)


def _difference(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return _sum(first, None if second is None else second.copy_negate())


@dataclass(frozen=True, slots=True)
class Holding:
    """A position, what it cost, and what came of those closed before.

    `cost` has the sign of the position: for a short one it is what was received. Both
    figures are None when they are not known, because some trade could not be valued.
    """

    position: Decimal = _ZERO
    cost: Decimal | None = _ZERO
    realised: Decimal | None = _ZERO

    def after(self, change: Decimal, value: Decimal | None) -> "Holding":
        """The holding after a trade of `change`, which was worth `value`.

        Both are above zero when the house bought and below when it sold. A value that
        is not known makes unknown only what depends on it: the cost is known again
        as soon as the position was flat, the result never again.
        """
        position = EXACT.add(self.position, change)
        if not self.position or (self.position > 0) == (change > 0):
            return Holding(position, _sum(self.cost, value), self.realised)
        if change.copy_abs() > self.position.copy_abs():
            return self._crossed(position, change, value)
        taken = _share(self.cost, change, self.position)
        # A position that is closed costs nothing, whatever was known of it.
        cost = _difference(self.cost, taken) if position else _ZERO
        return Holding(position, cost, self._realised(taken, value))

    def _crossed(
        self, position: Decimal, change: Decimal, value: Decimal | None
    ) -> "Holding":
        """Closed altogether, and opened on the other side with what is left."""
        closing = _share(value, self.position, change)
        opening = _difference(value, closing)
        return Holding(position, opening, self._realised(self.cost, closing))

    def _realised(self, taken: Decimal | None, value: Decimal | None) -> Decimal | None:
        """The result so far, when that much cost has gone for `-value`."""
        return _difference(self.realised, _sum(taken, value))
