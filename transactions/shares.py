"""What has been paid out of a hold, and so what one more capture pays."""

from dataclasses import dataclass
from typing import Self

from fx.errors import AmountTooSmall
from fx.money import EXACT, Denomination, Money
from transactions.models import Conversion, Hold


@dataclass(frozen=True, slots=True)
class Paid:
    """So much was taken from the payer, so much for the fee, so much was given.

    Each is a share of what was agreed for the whole hold, reckoned from its beginning
    (see `Hold.share`). The difference of two is what was paid in between: however a
    hold is cut, its captures give neither more nor less than was agreed. `bought` and
    `spread` are in the target currency of a hold that converts; of others `bought` is
    what was taken.
    """

    sold: Money
    fee: Money
    bought: Money
    spread: Money

    @classmethod
    def of(cls, hold: Hold, target: Denomination | None) -> Self:
        """What has been paid until now."""
        sold = hold.wallet.money(hold.captured)
        fee = hold.share(hold.wallet.money(hold.fee))
        if hold.quote is None or target is None:
            return cls(sold, fee, sold, Money.zero(sold.currency))
        return cls(
            sold,
            fee,
            hold.share(Money(hold.quote.target_amount, target)),
            hold.share(Money(hold.quote.spread_amount, target)),
        )

    def __sub__(self, before: Self) -> Self:
        return type(self)(
            self.sold - before.sold,
            self.fee - before.fee,
            self.bought - before.bought,
            self.spread - before.spread,
        )


def conversion_of(hold: Hold, part: Paid) -> Conversion | None:
    """The price of a capture: the quote's rate on its own amounts.

    The residual of one capture may be a part of a unit below zero, where it makes up
    for what those before it left.

    :raises AmountTooSmall: the part buys nothing.
    """
    if hold.quote is None:
        return None
    if not part.bought.amount:
        raise AmountTooSmall(f"{part.sold} of this hold buy nothing yet: capture more.")
    exact = EXACT.multiply(part.sold.amount, hold.quote.client_rate)
    return Conversion(
        **hold.quote.pricing()
        | {
            "source_amount": part.sold.amount,
            "target_amount": part.bought.amount,
            "spread_amount": part.spread.amount,
            "exact_target": exact,
            "residual": EXACT.subtract(exact, part.bought.amount),
        }
    )
