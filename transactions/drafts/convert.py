"""A customer's money changes its currency, at the present rate."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from fx.errors import PriceMoved, SameCurrency
from fx.models import FixedSide
from fx.money import fits
from fx.offers import Order, make_offer
from fx.pricing import Price
from paymentprocessor.database.rows import unsaved
from transactions.checks import check_version
from transactions.converting import conversion_posting
from transactions.desk import Desk
from transactions.models import Conversion, TransactionType
from transactions.postings import Instruction, Posting
from wallets.locking import Claim
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


ANY_PRICE = Guards()


def _moved(price: Price, detail: str) -> PriceMoved:
    return PriceMoved(
        detail, from_amount=price.from_amount.text, to_amount=price.to_amount.text
    )


@dataclass(frozen=True, slots=True)
class ConvertOrder:
    """Sell `amount` of one currency for another, or buy `amount` of the other.

    The wallet that receives is opened if there is none. `amount` is in the currency of
    the fixed side; a fee comes on top of what is sold.
    """

    user_id: UUID
    from_currency: str
    to_currency: str
    amount: Decimal
    fixed_side: FixedSide = FixedSide.SOURCE
    guards: Guards = ANY_PRICE

    type: ClassVar = TransactionType.CONVERSION

    @property
    def pair(self) -> tuple[str, str]:
        return self.from_currency, self.to_currency

    def claims(self) -> list[Claim]:
        """:raises SameCurrency:"""
        if self.from_currency == self.to_currency:
            raise SameCurrency(f"Both sides of the conversion are {self.to_currency}.")
        return [
            Claim(self.user_id, self.from_currency),
            Claim(self.user_id, self.to_currency, opens=True),
        ]

    def draft(
        self, instruction: Instruction, source: Wallet, target: Wallet, *, desk: Desk
    ) -> Posting:
        """What is to be booked, at the price of this moment.

        :raises Refusal: VersionMismatch, ValidationError, RateUnavailable,
            AmountTooSmall, AmountTooLarge, PriceMoved, LimitExceeded.
        """
        check_version(source, instruction)
        order = self._order(source, target)
        rate, exposed = desk.rate(self.pair), desk.exposure(self.pair)
        widening_bps = exposed.widening(*self.pair)
        offer = make_offer(order, rate, source.terms, widening_bps=widening_bps)
        self.guards.check(offer.price)
        exposed.check([offer.price])

        price = unsaved(Conversion, offer.columns() | {"quote_id": None})
        return conversion_posting(instruction, source, target, price, offer.fee)

    def _order(self, source: Wallet, target: Wallet) -> Order:
        sold, bought = source.denomination, target.denomination
        if self.fixed_side == FixedSide.SOURCE:
            return Order(fits(self.amount, sold), bought, "source")
        return Order(fits(self.amount, bought, "/to_amount"), sold, "target")
