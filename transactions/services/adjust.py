"""Staff put a customer's balance right, against money whose owner is not known."""

from decimal import Decimal
from uuid import UUID

from fx.money import fits
from transactions.checks import check_version
from transactions.ledger import post
from transactions.models import Side, TransactionType
from transactions.movement import moves_money
from transactions.postings import SUSPENSE, Instruction, Posted, Posting, credit, debit
from wallets.locking import Claim, lock_wallets


@moves_money
def adjust(
    instruction: Instruction,
    user_id: UUID,
    currency_code: str,
    amount: Decimal,
    side: Side,
) -> Posted:
    """Credit `amount` to the user's wallet out of suspense, or debit it into suspense.

    The instruction's description is the reason.

    :raises Refusal: UserNotFound, UserDeleted, UnsupportedCurrency, WalletNotFound,
        WalletFrozen, VersionMismatch, InsufficientFunds, AmountTooLarge,
        DuplicateReference, IdempotencyKeyReused.
    """
    [wallet] = lock_wallets(Claim(user_id, currency_code))
    check_version(wallet, instruction)
    money = fits(amount, wallet.currency.denomination)
    if side == Side.CREDIT:
        lines = [debit(SUSPENSE, money), credit(wallet, money)]
    else:
        lines = [debit(wallet, money), credit(SUSPENSE, money)]

    return post(
        Posting(
            TransactionType.ADJUSTMENT,
            owner_id=user_id,
            lines=lines,
            instruction=instruction,
        )
    )
