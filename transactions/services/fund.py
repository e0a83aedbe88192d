"""Money arrives from outside for a customer."""

from decimal import Decimal
from uuid import UUID

from transactions.drafts import FundOrder
from transactions.group_commit import carry_out
from transactions.postings import Instruction, Posted


def fund(
    instruction: Instruction, user_id: UUID, currency_code: str, amount: Decimal
) -> Posted:
    """Put `amount`, less the fee, into the user's wallet; opened if there is none.

    :raises Refusal: UserNotFound, UserDeleted, UnsupportedCurrency, WalletFrozen,
        VersionMismatch, AmountTooSmall, AmountTooLarge, LimitExceeded,
        DuplicateReference, IdempotencyKeyReused.
    """
    order = FundOrder(user_id, currency_code, amount)
    return carry_out(instruction, order)
