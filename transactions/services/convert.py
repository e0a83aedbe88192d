"""A customer's money changes its currency, at the present rate."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from fx.errors import PriceMoved, SameCurrency
from fx.models import FixedSide
from fx.money import fits
from fx.offers import Order, make_offer
from fx.pricing import Price
from fx.queries import cross
from transactions.checks import check_version
from transactions.converting import conversion_posting
from transactions.exposure import exposure
from transactions.ledger import post
from transactions.models import Conversion
from transactions.movement import moves_money
from transactions.postings import Instruction, Posted
from wallets.locking import Claim, lock_wallets
from wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class Guards:
    """The worst price that the customer still takes; None where any will do."""

    min_to_amount: Decimal | None = None
    max_from_amount: Decimal | None = None

    def check(self, price: Price) -> None:
        """The price is within the guards.

        :raises PriceMoved:
        """
        got, paid = price.to_amount, price.from_amount
        if self.min_to_amount is not None:
            least = fits(self.min_to_amount, got.currency, "/min_to_amount")
            if got < least:
                raise _moved(price, f"It buys {got} now, less than {least}.")
        if self.max_from_amount is not None:
            most = fits(self.max_from_amount, paid.currency, "/max_from_amount")
            if most < paid:
                raise _moved(price, f"It costs {paid} now, more than {most}.")


def _moved(price: Price, detail: str) -> PriceMoved:
    return PriceMoved(
        detail, from_amount=price.from_amount.text, to_amount=price.to_amount.text
    )


@moves_money
def convert(
    instruction: Instruction,
    user_id: UUID,
    from_currency: str,
    to_currency: str,
    amount: Decimal,
    fixed_side: FixedSide = FixedSide.SOURCE,
    guards: Guards = Guards(),
    *,
    now: datetime,
) -> Posted:
    """Sell `amount` of one currency for another, or buy `amount` of the other.

    The wallet that receives is opened if there is none. `amount` is in the currency of
    the fixed side; a fee comes on top of what is sold.

    :raises Refusal: SameCurrency, UserNotFound, UserDeleted, UnsupportedCurrency,
        WalletNotFound, WalletFrozen, VersionMismatch, RateUnavailable, AmountTooSmall,
        AmountTooLarge, PriceMoved, LimitExceeded, InsufficientFunds,
        DuplicateReference, IdempotencyKeyReused.
    """
    if from_currency == to_currency:
        raise SameCurrency(f"Both sides of the conversion are {from_currency}.")
    source, target = lock_wallets(
        Claim(user_id, from_currency),
        Claim(user_id, to_currency, opens=True),
    )
    check_version(source, instruction)
    order = _order(source, target, amount, fixed_side)
    pair = (from_currency, to_currency)
    rate = cross(*pair, now=now, max_age=settings.FX_MAX_RATE_AGE)
    exposed = exposure(pair, now=now)
    widening_bps = exposed.widening(*pair)
    offer = make_offer(order, rate, source.terms, widening_bps=widening_bps)
    guards.check(offer.price)
    exposed.check([offer.price])
    exposed.tell([offer.price])

    price = Conversion(**offer.columns())
    return post(conversion_posting(instruction, source, target, price, offer.fee))


def _order(
    source: Wallet, target: Wallet, amount: Decimal, fixed_side: FixedSide
) -> Order:
    sold, bought = source.currency.denomination, target.currency.denomination
    if fixed_side == FixedSide.SOURCE:
        return Order(fits(amount, sold), bought, "source")
    return Order(fits(amount, bought), sold, "target")
