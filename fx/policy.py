"""What we charge: spreads, premiums for locks, fees and bounds, as one document.

A policy is plain data, read once and checked whole. Of several rules that fit, the most
specific one wins; nothing is added up, so whoever reads the document can tell with one
finger which rule it was.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Self

from fx.money import EXACT, Denomination, Money, ceil_to_scale

# The ways of moving money that can carry a fee, as `TransactionType` names them.
OPERATIONS: Final = ("fund", "withdrawal", "transfer", "conversion", "capture")
# How long a quote can be locked, in seconds.
LOCKS: Final = MappingProxyType({"30s": 30, "5m": 300, "1h": 3600, "24h": 86_400})

_BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class SpreadRule:
    """A spread for the conversions that it fits; what is None fits all.

    `from_currency` and `to_currency` are the pair, one way; `currency` is on either
    side. A band begins `at_least` at an amount of the from currency, and so names it.
    """

    bps: Decimal
    from_currency: str | None = None
    to_currency: str | None = None
    currency: str | None = None
    tier: str | None = None
    at_least: Decimal | None = None

    @classmethod
    def of(cls, rule: Mapping[str, str]) -> Self:
        return cls(**_exact(rule))

    def fits(self, source: str, target: str, tier: str) -> bool:
        """Whether it is about sales of the source, from some amount on."""
        return (
            self.from_currency in (None, source)
            and self.to_currency in (None, target)
            and self.currency in (None, source, target)
            and self.tier in (None, tier)
        )

    @property
    def rank(self) -> tuple[int, bool, Decimal, Decimal]:
        """How specific it is: pair, one way of it, currency; then tier; then band.

        Between two equals (a rule for each of the two currencies) the dearer counts.
        """
        ways = (self.from_currency is not None) + (self.to_currency is not None)
        scope = 1 + ways if ways else int(self.currency is not None)
        band = Decimal(-1) if self.at_least is None else self.at_least
        return scope, self.tier is not None, band, self.bps

    @property
    def currencies(self) -> tuple[str | None, ...]:
        return self.from_currency, self.to_currency, self.currency

    @property
    def scope(self) -> tuple[object, ...]:
        """What it is about; a second rule for the same would contradict it."""
        return (*self.currencies, self.tier, self.at_least)


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A fee on one way of moving money: so much fixed, and so much of the amount.

    Amounts are of `currency`; a rule for all currencies has the share only. The fee is
    at least `minimum` and at most `maximum`.
    """

    operation: str
    currency: str | None = None
    tier: str | None = None
    fixed: Decimal = Decimal(0)
    bps: Decimal = Decimal(0)
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @classmethod
    def of(cls, rule: Mapping[str, str]) -> Self:
        return cls(**_exact(rule))

    @property
    def scope(self) -> tuple[object, ...]:
        """What it is about; a second rule for the same would contradict it."""
        return (self.operation, self.currency, self.tier)

    def on(self, amount: Money) -> Money:
        """The fee on that amount; a part of a unit is rounded up."""
        share = Fraction(amount.amount) * Fraction(self.bps) / _BASIS_POINTS
        fee = EXACT.add(self.fixed, ceil_to_scale(share, amount.currency.exponent))
        if self.minimum is not None:
            fee = max(fee, self.minimum)
        if self.maximum is not None:
            fee = min(fee, self.maximum)
        return Money(fee, amount.currency)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest amount of a currency in one conversion."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None


_OPEN = Bounds()


@dataclass(frozen=True)
class Policy:
    """Everything that we charge, from one instant on until the next policy.

    `premiums` are in basis points by the name of a lock; a lock that has none is not
    offered.
    """

    spreads: tuple[SpreadRule, ...]
    premiums: Mapping[str, Decimal] = field(default_factory=dict)
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    fees: tuple[FeeRule, ...] = ()

    def spread(
        self, source: str, target: str, tier: str, sold: Fraction | Decimal
    ) -> SpreadRule:
        """The most specific rule for selling `sold` units of the source."""
        about = source, target, tier
        if about not in self._nearest:
            self._nearest[about] = self._fitting(*about)
        return next(
            rule
            for rule in self._nearest[about]
            if rule.at_least is None or rule.at_least <= sold
        )

    def _fitting(self, source: str, target: str, tier: str) -> list[SpreadRule]:
        """All rules for such sales, the most specific first."""
        about = (
            (source, target, None),
            (source, None, None),
            (None, target, None),
            (None, None, source),
            (None, None, target),
            (None, None, None),
        )
        near = (rule for key in about for rule in self._spreads.get(key, ()))
        fitting = (rule for rule in near if rule.fits(source, target, tier))
        return sorted(fitting, key=lambda rule: rule.rank, reverse=True)

    def fee(self, operation: str, amount: Money, tier: str) -> Money:
        """What moving `amount` costs: zero where no rule speaks of it."""
        if not self.fees:
            return Money.zero(amount.currency)
        code = amount.currency.code
        # The most specific first: its currency counts for more than its tier.
        for about in (code, tier), (code, None), (None, tier), (None, None):
            rule = self._fees.get((operation, *about))
            if rule is not None:
                return rule.on(amount)
        return Money.zero(amount.currency)

    def bounds_of(self, currency: Denomination) -> Bounds:
        """The bounds of a currency; open on both sides where there are none."""
        return self.bounds.get(currency.code, _OPEN)

    # Wallets are locked while a price is made, so ten thousand rules must cost no more
    # than ten.
    @cached_property
    def _spreads(self) -> Mapping[tuple[str | None, ...], Sequence[SpreadRule]]:
        rules: dict[tuple[str | None, ...], list[SpreadRule]] = defaultdict(list)
        for rule in self.spreads:
            rules[rule.currencies].append(rule)
        return rules

    @cached_property
    def _nearest(self) -> dict[tuple[str, str, str], Sequence[SpreadRule]]:
        """What was asked for once."""
        return {}

    @cached_property
    def _fees(self) -> Mapping[tuple[object, ...], FeeRule]:
        return {rule.scope: rule for rule in self.fees}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Read a document as it is kept: amounts and basis points as strings."""
        return cls(
            spreads=tuple(map(SpreadRule.of, document["spreads"])),
            premiums={
                lock: Decimal(bps) for lock, bps in document.get("locks", {}).items()
            },
            bounds={
                code: Bounds(**_exact(pair))
                for code, pair in document.get("bounds", {}).items()
            },
            fees=tuple(map(FeeRule.of, document.get("fees", ()))),
        )


_NUMBERS = {"bps", "at_least", "fixed", "minimum", "maximum"}


def _exact(rule: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: Decimal(value) if name in _NUMBERS else value
        for name, value in rule.items()
    }
