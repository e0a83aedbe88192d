"""From an order to an offer: which rule applies, what it costs, and whether we deal.

Pure functions over an exact rate and a policy, so that an offer can be made again from
what the books say of it (see `transactions.explain`).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from fx.errors import AmountTooLarge, AmountTooSmall
from fx.money import EXACT, MAX_AMOUNT, Denomination, Money
from fx.policy import Bounds, Policy
from fx.pricing import (
    CrossRate,
    FixedSide,
    Price,
    price_fixed_source,
    price_fixed_target,
)

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms somebody deals with us: the policy in force, and their tier."""

    policy_id: UUID
    policy: Policy
    tier: str

    def fee(self, operation: str, amount: Money) -> Money:
        """What moving that amount costs them."""
        return self.policy.fee(operation, amount, self.tier)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to convert: exactly `amount`, from or to the `other`."""

    amount: Money
    other: Denomination
    fixed_side: FixedSide

    @property
    def source(self) -> Denomination:
        return self.amount.currency if self.fixed_side == "source" else self.other

    @property
    def target(self) -> Denomination:
        return self.other if self.fixed_side == "source" else self.amount.currency

    def sold_at_mid(self, rate: CrossRate) -> Fraction | Decimal:
        """How much of the source it is about, before anything is charged."""
        amount = self.amount.amount
        return amount if self.fixed_side == "source" else Fraction(amount) / rate.mid

    def price(self, rate: CrossRate, spread_bps: Decimal) -> Price:
        """What it comes to at that rate and spread.

        :raises AmountTooSmall, AmountTooLarge, RateUnavailable:
        """
        deal = price_fixed_source if self.fixed_side == "source" else price_fixed_target
        return deal(self.amount, self.other, rate, spread_bps)


@dataclass(frozen=True, slots=True)
class Offer:
    """A price on somebody's terms, with the fee that comes on top of the source."""

    price: Price
    fee: Money
    terms: Terms
    premium_bps: Decimal
    widening_bps: Decimal

    def columns(self) -> dict[str, Any]:
        """What a row of `fx.models.Priced` keeps of it."""
        price = self.price
        return {
            "source_currency": price.from_amount.currency.code,
            "target_currency": price.to_amount.currency.code,
            "source_amount": price.from_amount.amount,
            "target_amount": price.to_amount.amount,
            "fixed_side": price.fixed_side,
            "mid_rate": price.mid_rate,
            "client_rate": price.client_rate,
            "spread_bps": price.spread_bps,
            "premium_bps": self.premium_bps,
            "widening_bps": self.widening_bps,
            "spread_amount": price.spread_amount.amount,
            "rate_ids": [str(id_) for id_ in price.rate_ids],
            "rate_as_of": price.rate_as_of,
            "exact_target": price.exact_target,
            "residual": price.residual,
            "policy_id": self.terms.policy_id,
            "tier": self.terms.tier,
        }


def make_offer(
    order: Order,
    rate: CrossRate,
    terms: Terms,
    *,
    premium_bps: Decimal = _NOTHING,
    widening_bps: Decimal = _NOTHING,
) -> Offer:
    """What we deal at.

    :raises AmountTooSmall, AmountTooLarge: out of the policy's bounds, or of ours.
    :raises RateUnavailable: the rate cannot be written down.
    """
    surcharges = EXACT.add(premium_bps, widening_bps)
    price = _price(order, rate, terms, surcharges)
    for amount in (price.from_amount, price.to_amount):
        _check_bounds(amount, terms.policy.bounds_of(amount.currency))
    fee = terms.fee("conversion", price.from_amount)
    if (price.from_amount + fee).amount > MAX_AMOUNT:
        raise AmountTooLarge(f"With its fee of {fee} it is more than we can book.")
    return Offer(price, fee, terms, premium_bps, widening_bps)


def _price(order: Order, rate: CrossRate, terms: Terms, surcharges: Decimal) -> Price:
    """The price at the spread of what is sold.

    With the target fixed, what is sold depends on the spread, and the spread on the
    band that it is in. So we begin with what the target is worth, and go on as long as
    what is then sold falls under a dearer rule: whoever sells that amount outright pays
    no more. Each round has a greater spread, and there are only so many rules.
    """

    def asked(sold: Fraction | Decimal) -> Decimal:
        pair = order.source.code, order.target.code
        return EXACT.add(terms.policy.spread(*pair, terms.tier, sold).bps, surcharges)

    spread_bps = asked(order.sold_at_mid(rate))
    price = order.price(rate, spread_bps)
    if order.fixed_side == "source":
        return price
    while (dearer := asked(price.from_amount.amount)) > spread_bps:
        spread_bps = dearer
        price = order.price(rate, spread_bps)
    return price


def _check_bounds(amount: Money, bounds: Bounds) -> None:
    currency = amount.currency
    if bounds.minimum is not None and amount.amount < bounds.minimum:
        least = Money(bounds.minimum, currency)
        raise AmountTooSmall(
            f"A conversion is of at least {least}; this one comes to {amount}.",
            minimum=least.text,
            currency=currency.code,
        )
    if bounds.maximum is not None and amount.amount > bounds.maximum:
        most = Money(bounds.maximum, currency)
        raise AmountTooLarge(
            f"A conversion is of at most {most}; this one comes to {amount}.",
            maximum=most.text,
            currency=currency.code,
        )
