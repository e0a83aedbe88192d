"""Covering an amount from several wallets: which to sell from, and how much of each.

Pure functions. Wallets are used up one after another, and from the last one exactly
what is still missing is bought, so that nothing is left over. Which order is the
cheapest is found by trying them, which is exact where a formula would have to know
every rule of the policy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import permutations

from fx.errors import AmountTooLarge, AmountTooSmall, RateUnavailable
from fx.money import Denomination, Money
from fx.offers import Offer, Order, Terms, make_offer
from fx.pricing import CrossRate

# Four wallets have 24 orders; of more wallets, the four cheapest are tried first.
_TRIED = 4


@dataclass(frozen=True)
class Purse:
    """Money that may be sold for the target: so much, at this rate, on these terms."""

    available: Money
    target: Denomination
    rate: CrossRate
    terms: Terms
    widening_bps: Decimal = Decimal(0)

    def buy(self, wanted: Money) -> Offer | None:
        """Exactly `wanted`; None where there is not enough."""
        # Nobody gets more than mid. Most purses need not be asked for a price by that.
        if self._at_mid < wanted.amount:
            return None
        try:
            offer = self._offer(Order(wanted, self.available.currency, "target"))
        except AmountTooLarge:
            # More than the policy converts at once, but perhaps more than there is,
            # too. If not, all of it is too large as well, and refused for that.
            return None
        return offer if total(offer) <= self.available else None

    @cached_property
    def all_of_it(self) -> Offer | None:
        """All less the fee, sold; None where nothing, or too little, can be.

        :raises AmountTooLarge: it is more than the policy converts at once.
        """
        sold = self._most_besides_fee
        if not sold.amount:
            return None
        try:
            return self._offer(Order(sold, self.target, "source"))
        except AmountTooSmall:
            # Such a rest is no reason to refuse what other purses cover.
            return None

    def _offer(self, order: Order) -> Offer:
        return make_offer(order, self.rate, self.terms, widening_bps=self.widening_bps)

    @cached_property
    def _at_mid(self) -> Fraction:
        return Fraction(self.available.amount) * self.rate.mid

    @cached_property
    def _most_besides_fee(self) -> Money:
        """The most that can be sold with its fee: fees never fall as amounts rise."""
        low, high = 0, self.available.units
        while low < high:
            middle = (low + high + 1) // 2
            sold = Money.of_units(middle, self.available.currency)
            if sold + self.terms.fee("conversion", sold) <= self.available:
                low = middle
            else:
                high = middle - 1
        return Money.of_units(low, self.available.currency)


def total(offer: Offer) -> Money:
    """What an offer takes from its wallet."""
    return offer.price.from_amount + offer.fee


@dataclass(frozen=True)
class Unpriced:
    """Money that would have its turn, in a currency that has no rate just now."""

    why: RateUnavailable


class NotCovered(Exception):
    """All purses together do not come to what is missing; they come to `got`."""

    def __init__(self, got: Money) -> None:
        super().__init__(f"they come to {got}")
        self.got = got


def cover(missing: Money, purses: Iterable[Purse | Unpriced]) -> list[Offer]:
    """Buy `missing` from the purses in their order.

    :raises RateUnavailable: the turn comes to one that has no rate.
    :raises NotCovered: all of them together are not enough.
    :raises AmountTooSmall: what is missing is less than the policy converts.
    :raises AmountTooLarge: a part is more than that.
    """
    offers: list[Offer] = []
    got = Money.zero(missing.currency)
    for purse in purses:
        if not got < missing:
            break
        if isinstance(purse, Unpriced):
            raise purse.why
        offer = purse.buy(missing - got) or purse.all_of_it
        if offer is not None:
            offers.append(offer)
            got += offer.price.to_amount
    if got < missing:
        raise NotCovered(got)
    return offers


def cover_cheaply(missing: Money, purses: Sequence[Purse]) -> list[Offer]:
    """Buy `missing` from the purses in the order that costs least.

    A cost is what the house earns: spread and fee, at mid. Of two orders that cost the
    same the one with fewer conversions counts, then the earlier one.

    :raises NotCovered, AmountTooSmall, AmountTooLarge: as `cover`, if no order does.
    """
    ranked = sorted(purses, key=_unit_cost)
    first, rest = ranked[:_TRIED], ranked[_TRIED:]
    best: tuple[Fraction, int, list[Offer]] | None = None
    failure: Exception | None = None
    for order in permutations(first):
        try:
            offers = cover(missing, [*order, *rest])
        except (NotCovered, AmountTooSmall, AmountTooLarge) as problem:
            failure = failure or problem
            continue
        cost = sum((_cost(offer) for offer in offers), Fraction(0))
        if best is None or (cost, len(offers)) < best[:2]:
            best = (cost, len(offers), offers)
    if best is not None:
        return best[2]
    raise failure or NotCovered(Money.zero(missing.currency))


def _cost(offer: Offer) -> Fraction:
    """What the house earns on it, in the target currency at mid."""
    price = offer.price
    at_mid = Fraction(price.mid_rate) * Fraction(offer.fee.amount)
    return Fraction(price.spread_amount.amount) + at_mid


def _unit_cost(purse: Purse) -> tuple[Fraction, str]:
    """The spread on all of it, for a first guess at the order."""
    code, amount = purse.available.currency.code, Fraction(purse.available.amount)
    terms = purse.terms
    rule = terms.policy.spread(purse.rate.base, purse.rate.quote, terms.tier, amount)
    return Fraction(rule.bps) + Fraction(purse.widening_bps), code
