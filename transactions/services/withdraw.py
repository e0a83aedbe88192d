"""A customer's money leaves for the outside."""

from decimal import Decimal
from uuid import UUID

from transactions.drafts import WithdrawOrder
from transactions.ledger import post
from transactions.movement import moves_money
from transactions.postings import Instruction, Posted
from wallets.locking import lock_wallets


@moves_money
def withdraw(
    instruction: Instruction, user_id: UUID, currency_code: str, amount: Decimal
) -> Posted:
    """Take `amount`, and the fee, out of the user's wallet.

    :raises Refusal: UserNotFound, UserDeleted, UnsupportedCurrency, WalletNotFound,
        WalletFrozen, VersionMismatch, InsufficientFunds, LimitExceeded,
        DuplicateReference, IdempotencyKeyReused.
    """
    order = WithdrawOrder(user_id, currency_code, amount)
    [wallet] = lock_wallets(*order.claims())
    return post(order.draft(instruction, wallet), last=True)
