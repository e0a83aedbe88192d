"""A customer's money leaves for the outside."""

from decimal import Decimal
from uuid import UUID

from transactions.drafts import WithdrawOrder
from transactions.group_commit import carry_out
from transactions.postings import Instruction, Posted


def withdraw(
    instruction: Instruction, user_id: UUID, currency_code: str, amount: Decimal
) -> Posted:
    """Take `amount`, and the fee, out of the user's wallet.

    :raises Refusal: UserNotFound, UserDeleted, UnsupportedCurrency, WalletNotFound,
        WalletFrozen, VersionMismatch, InsufficientFunds, LimitExceeded,
        DuplicateReference, IdempotencyKeyReused.
    """
    order = WithdrawOrder(user_id, currency_code, amount)
    return carry_out(instruction, order)
