"""How a conversion came by its amounts: every input and step, and the sum done again.

Nothing is taken from the result. The observations and the policy that the conversion
names are read again, the price is made from them by the same pure functions as then,
and what comes out is compared with what stands in the books.
"""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from fx.market import legs_of
from fx.models import Currency, FixedSide, Priced, PricingPolicy, Rate
from fx.money import Denomination, Money, plain
from fx.offers import Offer, Order, Terms, make_offer
from fx.pricing import CrossRate
from fx.queries import rates_of
from transactions.errors import NotAConversion
from transactions.explain_captures import share_again
from transactions.models import Conversion
from transactions.queries import posted_transaction
from transactions.steps import Step, steps_of


@dataclass(frozen=True)
class Explanation:
    """A conversion done again, beside what was booked."""

    transaction_id: UUID
    policy_version: int
    rates: list[Rate]
    steps: list[Step]
    booked: dict[str, str]
    recomputed: dict[str, str]

    @property
    def matches(self) -> bool:
        return self.booked == self.recomputed


def explain(transaction_id: UUID) -> Explanation:
    """Do a conversion again from its observations and its policy.

    :raises TransactionNotFound, NotAConversion:
    """
    posted = posted_transaction(transaction_id)
    row, hold = posted.conversion, posted.transaction.hold
    if row is None:
        raise NotAConversion
    # A capture has no price of its own: it is a share of what its hold agreed on.
    agreed = row if hold is None or hold.quote is None else hold.quote
    rates = rates_of([UUID(id_) for id_ in agreed.rate_ids])
    policy = PricingPolicy.objects.get(pk=agreed.policy_id)
    units = Currency.objects.in_bulk([agreed.source_currency, agreed.target_currency])
    source = units[agreed.source_currency].denomination
    target = units[agreed.target_currency].denomination
    rate = CrossRate.through(source.code, target.code, legs_of(rates))
    offer = make_offer(
        _order(agreed, source, target),
        rate,
        Terms(policy.id, policy.policy, agreed.tier),
        premium_bps=agreed.premium_bps,
        widening_bps=agreed.widening_bps,
    )
    steps, recomputed = steps_of(rate, offer, policy.version), _figures_of_offer(offer)
    if hold is not None:
        share, fee, further = share_again(posted, hold, offer)
        steps = [*steps, *further]
        recomputed = _figures_of_row(share, fee, source, target)
    booked = _figures_of_row(row, posted.transaction.fee, source, target)
    return Explanation(transaction_id, policy.version, rates, steps, booked, recomputed)


def _order(agreed: Priced, source: Denomination, target: Denomination) -> Order:
    if agreed.fixed_side == FixedSide.SOURCE:
        return Order(Money(agreed.source_amount, source), target, "source")
    return Order(Money(agreed.target_amount, target), source, "target")


def _figures_of_row(
    row: Conversion, fee: Decimal, source: Denomination, target: Denomination
) -> dict[str, str]:
    return _figures(
        (
            Money(row.source_amount, source),
            Money(row.target_amount, target),
            Money(row.spread_amount, target),
            Money(fee, source),
        ),
        (
            row.spread_bps,
            row.mid_rate,
            row.client_rate,
            row.exact_target,
            row.residual,
        ),
    )


def _figures_of_offer(offer: Offer) -> dict[str, str]:
    price = offer.price
    return _figures(
        (price.from_amount, price.to_amount, price.spread_amount, offer.fee),
        (
            price.spread_bps,
            price.mid_rate,
            price.client_rate,
            price.exact_target,
            price.residual,
        ),
    )


def _figures(
    amounts: tuple[Money, ...], numbers: tuple[Decimal, ...]
) -> dict[str, str]:
    in_money = ("from_amount", "to_amount", "spread_amount", "fee")
    in_numbers = (
        "spread_bps", "mid_rate", "fx_rate", "exact_to_amount", "rounding_residual",
    )  # fmt: skip
    return dict(zip(in_money, map(str, amounts), strict=True)) | dict(
        zip(in_numbers, map(plain, numbers), strict=True)
    )
