"""What conversions would cost under a policy: one example per spread that changes."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from fx.errors import RateUnavailable
from fx.models import Currency
from fx.money import Denomination, Money, floor_to_scale
from fx.offers import Order, Terms, make_offer
from fx.policy import Policy, SpreadRule
from fx.pricing import CrossRate
from fx.queries import cross
from paymentprocessor.api.errors import Refusal
from users.models import DEFAULT_TIER

# More than these say no more; the rules themselves are all told.
MOST_EXAMPLES = 12
_AMOUNT = Decimal(1000)
_NO_POLICY = UUID(int=0)


def changed_spreads(old: Policy, new: Policy) -> list[SpreadRule]:
    """The spreads that only one of two policies has."""
    one, other = set(old.spreads), set(new.spreads)
    order = {rule: number for number, rule in enumerate((*new.spreads, *old.spreads))}
    return sorted(one ^ other, key=lambda rule: order[rule])


def examples(
    spreads: Iterable[SpreadRule], policy: Policy, *, now: datetime
) -> dict[str, object]:
    """What a conversion under each of these rules costs under a policy, by its name.

    At the rates of this moment, without a lock, by nobody whose position is widened.
    """
    told: dict[str, object] = {}
    units = Currency.objects.in_bulk()
    for rule in spreads:
        source, target = _pair(rule)
        if len(told) >= MOST_EXAMPLES or not {source, target} <= units.keys():
            continue
        unit = units[source].denomination
        sold = Money(_sold(rule, unit), unit)
        tier = rule.tier or DEFAULT_TIER
        name = f"Example: {sold} to {target}, tier {tier}"
        terms = Terms(_NO_POLICY, policy, tier)
        told[name] = _cost(sold, units[target].denomination, terms, now)
    return told


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


def _sold(rule: SpreadRule, unit: Denomination) -> Decimal:
    if rule.at_least is not None and rule.at_least > 0:
        return rule.at_least
    return floor_to_scale(_AMOUNT, unit.exponent)


def _cost(sold: Money, target: Denomination, terms: Terms, now: datetime) -> str:
    try:
        rate = _rate(sold.currency.code, target.code, now)
        offer = make_offer(Order(sold, target, "source"), rate, terms)
    except RateUnavailable as unavailable:
        return f"no rate: {unavailable.detail}"
    except Refusal as refusal:
        return f"refused: {refusal.detail}"
    words = f"{offer.price.to_amount}, of which the spread took "
    words += f"{offer.price.spread_amount}"
    return f"{words}; fee {offer.fee}" if offer.fee.amount else words


def _rate(source: str, target: str, now: datetime) -> CrossRate:
    return cross(source, target, now=now, max_age=settings.FX_MAX_RATE_AGE)
