"""Money: an exact amount in one currency, and how amounts are read and written.

Nothing here knows Django or the database, and nothing here rounds unless its name says
which way. `decimal`'s default context is never used: it keeps 28 digits, and a sum of
two amounts of 28 digits needs 29.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple, Self

from paymentprocessor.api.errors import FieldError, ValidationError

MAX_EXPONENT = 8
MAX_INTEGER_DIGITS = 20
# The greatest value that a numeric(28, 8) column holds.
MAX_AMOUNT = Decimal("99999999999999999999.99999999")

# Room for the product of an amount (28 digits) and a rate (24); whatever would not be
# exact raises instead of being rounded.
EXACT = Context(prec=100, traps=[Inexact, InvalidOperation, Overflow])

# The same room, to cut off on purpose.
_DOWN = Context(prec=100, rounding=ROUND_FLOOR, traps=[InvalidOperation, Overflow])

_ZERO = Decimal(0)
# The smallest unit of a currency of so many decimals: 1, 0.1, 0.01 and so on.
_STEPS = [Decimal((0, (1,), -exponent)) for exponent in range(MAX_EXPONENT + 1)]
# How many of them are one.
_UNITS = [10**exponent for exponent in range(MAX_EXPONENT + 1)]


@dataclass(frozen=True, slots=True)
class Denomination:
    """A currency as arithmetic sees it: its code and how many decimals it has."""

    code: str
    exponent: int

    def __post_init__(self) -> None:
        if not 0 <= self.exponent <= MAX_EXPONENT:
            raise ValueError(f"{self.code}: {self.exponent} decimals are out of range")


class IsoCurrency(NamedTuple):
    """One currency of the ISO 4217 list."""

    code: str
    name: str
    exponent: int


def iso_currencies() -> tuple[IsoCurrency, ...]:
    """The currencies of ISO 4217 (list one, the current codes) that money can be in.

    The rule is ISO's own: a code with a minor unit can be paid in. Funds codes such as
    CLF (4 decimals) or UYW (4) have one and stay, because contracts are settled in
    them. The codes whose minor unit is "N.A." go: metals (XAU), bond market units
    (XBA), the SDR (XDR), the test code (XTS) and "no currency" (XXX) have no smallest
    amount, so nothing could be rounded to it. An exponent of 0 is not "none": the yen
    has a smallest unit, the yen.
    """
    # Imported late: it parses the whole list, which is read to fill an empty table.
    import iso4217

    listed = sorted(iso4217.Currency, key=lambda currency: str(currency.code))
    return tuple(
        IsoCurrency(currency.code, currency.currency_name, currency.exponent)
        for currency in listed
        if currency.exponent is not None
    )


class CurrencyMismatch(TypeError):
    """Two amounts in different currencies were added or compared: a defect of ours."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency, always at that currency's scale.

    May be negative (a difference can be). Amounts in different currencies are unequal,
    and cannot be added or ordered.

    :raises ValueError: when the amount has more decimals than the currency.
    """

    amount: Decimal
    currency: Denomination

    def __post_init__(self) -> None:
        # Kept at the scale, so that two equal amounts also read the same. Adding zero
        # turns a negative zero into a plain one.
        try:
            if not self.amount.is_finite():
                raise InvalidOperation
            at_scale = self.amount.quantize(
                _STEPS[self.currency.exponent], context=EXACT
            )
            if not at_scale:
                at_scale = EXACT.add(at_scale, _ZERO)
            object.__setattr__(self, "amount", at_scale)
        except (Inexact, InvalidOperation):
            raise ValueError(
                f"{self.amount} is not an amount in {self.currency.code}"
            ) from None

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: Denomination) -> Self:
        """The money that `amount` says, exactly: `Money.of("100.00", usd)`."""
        return cls(Decimal(amount), currency)

    @staticmethod
    def zero(currency: Denomination) -> "Money":
        return _at_scale(_ZERO.quantize(_STEPS[currency.exponent]), currency)

    @classmethod
    def of_units(cls, units: int, currency: Denomination) -> Self:
        """So many of the smallest unit: cents of a dollar."""
        return cls(_shifted(units, currency.exponent), currency)

    @property
    def units(self) -> int:
        """How many of the smallest unit it is."""
        return int(Fraction(self.amount) * 10**self.currency.exponent)

    @property
    def text(self) -> str:
        """The amount as the API writes it: "1000.00", "150", "1.234"."""
        return format(self.amount, "f")

    def __str__(self) -> str:
        return f"{self.text} {self.currency.code}"

    def __add__(self, other: "Money") -> "Money":
        self._check_same_currency(other)
        return _at_scale(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check_same_currency(other)
        return _at_scale(EXACT.subtract(self.amount, other.amount), self.currency)

    # Python answers `a > b` by asking `b < a`, so these two are all four.
    def __lt__(self, other: "Money") -> bool:
        self._check_same_currency(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._check_same_currency(other)
        return self.amount <= other.amount

    def _check_same_currency(self, other: "Money") -> None:
        if not isinstance(other, Money) or other.currency != self.currency:
            raise CurrencyMismatch(f"{self} and {other} are not in one currency")


def _at_scale(amount: Decimal, currency: Denomination) -> Money:
    """The money of an amount that has the currency's scale already: nothing to check.

    A sum of two of one scale has it, too, and zero comes without a sign from there.
    """
    money = object.__new__(Money)
    object.__setattr__(money, "amount", amount)
    object.__setattr__(money, "currency", currency)
    return money


def _syntax_errors(literal: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the way an amount is written, as (detail, code)."""
    integer, _, decimals = literal.partition(".")
    if literal == "":
        yield "An amount cannot be empty.", "invalid_amount"
    if literal[:1] in ("+", "-"):
        yield "An amount has no sign.", "invalid_amount"
    if re.fullmatch(r"[0-9.]+[eE][+-]?[0-9]+", literal):
        yield "An amount has no exponent: write all its digits.", "invalid_amount"
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", literal):
        yield (
            "An amount is written with the digits 0 to 9 and at most one decimal "
            'point between them, like "100.00".',
            "invalid_amount",
        )
    if len(integer) > 1 and integer.startswith("0"):
        yield "An amount has no leading zeros.", "invalid_amount"
    if len(integer) > MAX_INTEGER_DIGITS:
        yield (
            f"An amount has at most {MAX_INTEGER_DIGITS} digits before the point.",
            "invalid_amount",
        )
    if len(decimals) > MAX_EXPONENT:
        yield f"No currency has more than {MAX_EXPONENT} decimals.", "too_precise"


def _literal(raw: object) -> str | None:
    """The digits as the client wrote them, or None when it is no string or number."""
    literal = getattr(raw, "literal", raw)
    if isinstance(literal, str):
        return literal
    if isinstance(literal, int) and not isinstance(literal, bool):
        # Python refuses to print an integer of more than 4,300 digits; anything this
        # long is refused by its length anyway.
        return str(max(-1, min(literal, 10**MAX_INTEGER_DIGITS)))
    return None


def parse_amount(raw: object, pointer: str = "/amount") -> Decimal:
    """Read an amount of the API exactly as it is written, keeping its decimals.

    Accepts a string, a JSON integer, or a number of the strict JSON parser (which keeps
    the text of the number as `literal`). Everything that two readers could take for
    two different amounts is refused: exponents, signs, blanks, `_`, digits of other
    scripts, leading zeros ("007", as in JSON itself). Zero passes here, see `positive`.

    :raises ValidationError: `invalid_amount` or `too_precise`.
    """
    literal = _literal(raw)
    if literal is None:
        detail = 'An amount is a string like "100.00" or a JSON number.'
        raise ValidationError(FieldError(detail, pointer, "invalid_amount"))
    for detail, code in _syntax_errors(literal):
        raise ValidationError(FieldError(detail, pointer, code))
    return Decimal(literal)


def positive(amount: Decimal, pointer: str = "/amount") -> Decimal:
    """The same amount, when there is any.

    :raises ValidationError: `not_positive`.
    """
    if amount <= 0:
        detail = "An amount must be greater than zero."
        raise ValidationError(FieldError(detail, pointer, "not_positive"))
    return amount


def fits(amount: Decimal, currency: Denomination, pointer: str = "/amount") -> Money:
    """The amount as money, when it is written with no more decimals than there are.

    "100.000 USD" is refused although no value would be lost: whoever writes three
    decimals believes that the currency has three.

    :raises ValidationError: `too_precise`.
    """
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > currency.exponent:
        detail = (
            f"{currency.code} has no decimals."
            if currency.exponent == 0
            else f"{currency.code} has at most {currency.exponent} decimals."
        )
        raise ValidationError(FieldError(detail, pointer, "too_precise"))
    return Money(amount, currency)


def plain(number: Decimal) -> str:
    """All digits that say something, for rates: "18.7", and not "18.700000000000"."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def floored(value: Decimal, currency: Denomination) -> Money:
    """The greatest amount of the currency that is not above `value`."""
    return _at_scale(value.quantize(_STEPS[currency.exponent], context=_DOWN), currency)


def floored_product(money: Money, factor: Fraction, currency: Denomination) -> Money:
    """The greatest amount of the currency that is not above `money` times `factor`."""
    amount, per = money.amount.as_integer_ratio()
    scale: int = _UNITS[currency.exponent]
    units = amount * factor.numerator * scale // (per * factor.denominator)
    return _at_scale(_shifted(units, currency.exponent), currency)


def floor_to_scale(value: Fraction | Decimal, exponent: int) -> Decimal:
    """The greatest decimal of that many decimals that is not above `value`."""
    numerator, denominator = value.as_integer_ratio()
    return _shifted(numerator * 10**exponent // denominator, exponent)


def ceil_to_scale(value: Fraction | Decimal, exponent: int) -> Decimal:
    """The least decimal of that many decimals that is not below `value`."""
    numerator, denominator = value.as_integer_ratio()
    return _shifted(-(-numerator * 10**exponent // denominator), exponent)


@lru_cache(maxsize=1024)  # Of rates, which many conversions share.
def half_even_to_scale(value: Fraction | Decimal, exponent: int) -> Decimal:
    """The nearest decimal of that many decimals, for showing; never for money."""
    return _shifted(round(Fraction(value) * 10**exponent), exponent)


def _shifted(units: int, exponent: int) -> Decimal:
    # Made from text, which is exact; `scaleb` would round to the current context.
    return Decimal(f"{units}E-{exponent}")
