"""What every conversion books, however its price was come by."""

from fx.money import Money
from transactions.models import Conversion, TransactionType
from transactions.postings import (
    FEE_INCOME,
    FX_INCOME,
    FX_POSITION,
    HouseAccount,
    Instruction,
    Line,
    Posting,
    credit,
    debit,
    earned,
)
from wallets.models import Wallet


def conversion_posting(
    instruction: Instruction,
    source: Wallet,
    target: Wallet,
    price: Conversion,
    fee: Money,
) -> Posting:
    """A customer's own conversion at that price."""
    return Posting(
        TransactionType.CONVERSION,
        owner_id=source.owner_id,
        lines=conversion_lines(
            source,
            target,
            sold=source.money(price.source_amount),
            bought=target.money(price.target_amount),
            spread=target.money(price.spread_amount),
            fee=fee,
        ),
        instruction=instruction,
        fee=fee,
        conversion=price,
    )


def conversion_lines(
    source: Wallet,
    target: Wallet | HouseAccount,
    *,
    sold: Money,
    bought: Money,
    spread: Money,
    fee: Money,
) -> list[Line]:
    """Both currencies balance, and what the house earns is a line of its own.

    The position takes what is sold and gives what that is worth at mid: the customer's
    target and the spread. The fee comes on top of what is sold.
    """
    return [
        debit(source, sold + fee),
        credit(FX_POSITION, sold),
        *earned(FEE_INCOME, fee),
        debit(FX_POSITION, bought + spread),
        credit(target, bought),
        *earned(FX_INCOME, spread),
    ]
