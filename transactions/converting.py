"""What every conversion books, however its price was come by."""

from fx.money import Money
from transactions.postings import (
    FEE_INCOME,
    FX_INCOME,
    FX_POSITION,
    Line,
    credit,
    debit,
    earned,
)
from wallets.models import Wallet


def conversion_lines(
    source: Wallet,
    target: Wallet,
    *,
    sold: Money,
    bought: Money,
    spread: Money,
    fee: Money,
) -> list[Line]:
    """Both currencies balance, and what the house earns is a line of its own.

    Sold for the position at what it is worth at mid, which is what the customer gets
    and the spread; the fee comes on top of what is sold.
    """
    return [
        debit(source, sold + fee),
        credit(FX_POSITION, sold),
        *earned(FEE_INCOME, fee),
        debit(FX_POSITION, bought + spread),
        credit(target, bought),
        *earned(FX_INCOME, spread),
    ]
