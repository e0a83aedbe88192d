"""Money arrives from outside for a customer."""

from decimal import Decimal
from uuid import UUID

from transactions.drafts import FundOrder
from transactions.ledger import post
from transactions.movement import moves_money
from transactions.postings import Instruction, Posted
from wallets.locking import lock_wallets


@moves_money
def fund(
    instruction: Instruction, user_id: UUID, currency_code: str, amount: Decimal
) -> Posted:
    """Put `amount`, less the fee, into the user's wallet; opened if there is none.

    :raises Refusal: UserNotFound, UserDeleted, UnsupportedCurrency, WalletFrozen,
        VersionMismatch, AmountTooSmall, AmountTooLarge, LimitExceeded,
        DuplicateReference, IdempotencyKeyReused.
    """
    order = FundOrder(user_id, currency_code, amount)
    [wallet] = lock_wallets(*order.claims())
    return post(order.draft(instruction, wallet), last=True)
