"""A customer's money leaves for the outside."""

from decimal import Decimal
from uuid import UUID

from fx.money import fits
from transactions.checks import check_version
from transactions.ledger import post
from transactions.models import TransactionType
from transactions.movement import moves_money
from transactions.postings import (
    CASH,
    FEE_INCOME,
    Instruction,
    Posted,
    Posting,
    credit,
    debit,
    earned,
)
from wallets.locking import Claim, lock_wallets


@moves_money
def withdraw(
    instruction: Instruction, user_id: UUID, currency_code: str, amount: Decimal
) -> Posted:
    """Take `amount`, and the fee, out of the user's wallet.

    :raises Refusal: UserNotFound, UserDeleted, UnsupportedCurrency, WalletNotFound,
        WalletFrozen, VersionMismatch, InsufficientFunds, DuplicateReference,
        IdempotencyKeyReused.
    """
    [wallet] = lock_wallets(Claim(user_id, currency_code))
    check_version(wallet, instruction)
    money = fits(amount, wallet.currency.denomination)
    fee = wallet.terms.fee("withdrawal", money)

    return post(
        Posting(
            TransactionType.WITHDRAWAL,
            owner_id=user_id,
            lines=[
                debit(wallet, money + fee),
                credit(CASH, money),
                *earned(FEE_INCOME, fee),
            ],
            instruction=instruction,
            fee=fee,
        )
    )
