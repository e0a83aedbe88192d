"""What conversions would cost under a policy: one example per spread that changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from django.conf import settings

from fx.errors import RateUnavailable
from fx.models import Currency
from fx.money import Money, floor_to_scale
from fx.offers import Order, Terms, make_offer
from fx.policy import Policy, SpreadRule
from fx.pricing import CrossRate
from fx.queries import cross
from paymentprocessor.api.errors import Refusal
from users.models import DEFAULT_TIER

# More than these say no more; the rules themselves are all told.
MOST_EXAMPLES = 12
# Tried in this order, until the rule is the one that counts for such a sale.
_AMOUNTS = (Decimal(1000), Decimal(100), Decimal(10), Decimal(1))
_NO_POLICY = UUID(int=0)


@dataclass(frozen=True)
class Example:
    """Somebody of a tier sells so much of one currency for another."""

    source: str
    target: str
    tier: str
    sold: Decimal


def examples_of(old: Policy, new: Policy) -> list[Example]:
    """For each spread that only one of two policies has, a sale that falls under it."""
    changed = [
        *(rule for rule in new.spreads if rule not in old.spreads),
        *(rule for rule in old.spreads if rule not in new.spreads),
    ]
    examples = dict.fromkeys(_example(rule, old, new) for rule in changed)
    return list(examples)[:MOST_EXAMPLES]


def costs(
    examples: Iterable[Example], policy: Policy, *, now: datetime
) -> dict[str, object]:
    """What they would cost under a policy, each by its name.

    At the rates of this moment, without a lock, by nobody whose position is widened.
    """
    told: dict[str, object] = {}
    units = Currency.objects.in_bulk()
    for one in examples:
        if {one.source, one.target} <= units.keys():
            unit = units[one.source].denomination
            sold = Money(floor_to_scale(one.sold, unit.exponent), unit)
            order = Order(sold, units[one.target].denomination, "source")
            name = f"Example: {sold} to {one.target}, tier {one.tier}"
            told[name] = _cost(order, Terms(_NO_POLICY, policy, one.tier), now)
    return told


def _example(rule: SpreadRule, old: Policy, new: Policy) -> Example:
    source, target = _pair(rule)
    tier = rule.tier or DEFAULT_TIER
    amounts = [rule.at_least] if rule.at_least else _AMOUNTS

    def counts(amount: Decimal) -> bool:
        about = source, target, tier, Fraction(amount)
        return rule in (old.spread(*about), new.spread(*about))

    sold = next(filter(counts, amounts), amounts[0])
    return Example(source, target, tier, sold)


def _pair(rule: SpreadRule) -> tuple[str, str]:
    """A pair that the rule is about; the other side is one that most have."""
    usual = [settings.REPORTING_CURRENCY, "EUR", "USD"]
    source = rule.from_currency or rule.currency
    target = rule.to_currency
    if source is None:
        source = next(code for code in usual if code != target)
    if target is None:
        target = next(code for code in usual if code != source)
    return source, target


def _cost(order: Order, terms: Terms, now: datetime) -> str:
    try:
        offer = make_offer(order, _rate(order, now), terms)
    except RateUnavailable as unavailable:
        return f"no rate: {unavailable.detail}"
    except Refusal as refusal:
        return f"refused: {refusal.detail}"
    price = offer.price
    words = f"{price.to_amount}, of which the spread took {price.spread_amount}"
    return f"{words}; fee {offer.fee}" if offer.fee.amount else words


def _rate(order: Order, now: datetime) -> CrossRate:
    pair = order.source.code, order.target.code
    return cross(*pair, now=now, max_age=settings.FX_MAX_RATE_AGE)
