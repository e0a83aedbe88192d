"""A customer's money changes its currency, at the present rate."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from fx.models import FixedSide
from transactions.drafts import ANY_PRICE, ConvertOrder, Guards
from transactions.group_commit import carry_out
from transactions.postings import Instruction, Posted


def convert(
    instruction: Instruction,
    user_id: UUID,
    from_currency: str,
    to_currency: str,
    amount: Decimal,
    fixed_side: FixedSide = FixedSide.SOURCE,
    guards: Guards = ANY_PRICE,
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
    order = ConvertOrder(
        user_id, from_currency, to_currency, amount, fixed_side, guards
    )
    return carry_out(instruction, order, now=now)
