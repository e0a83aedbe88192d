"""One customer pays another, in one currency."""

from decimal import Decimal
from uuid import UUID

from transactions.drafts import TransferOrder
from transactions.group_commit import carry_out
from transactions.postings import Instruction, Posted


def transfer(
    instruction: Instruction,
    user_id: UUID,
    currency_code: str,
    amount: Decimal,
    to_user_id: UUID,
) -> Posted:
    """Move `amount` from one user's wallet to the other's, which is opened if needed.

    The payer bears the fee.

    :raises Refusal: SameUser, UserNotFound, UserDeleted, UnsupportedCurrency,
        WalletNotFound, WalletFrozen, PayeeUnavailable, VersionMismatch,
        InsufficientFunds, LimitExceeded, DuplicateReference, IdempotencyKeyReused.
    """
    order = TransferOrder(user_id, currency_code, amount, to_user_id)
    return carry_out(instruction, order)
