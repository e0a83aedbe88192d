"""Money arrives from outside for a customer."""

from decimal import Decimal
from uuid import UUID

from fx.errors import AmountTooSmall
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
def fund(
    instruction: Instruction, user_id: UUID, currency_code: str, amount: Decimal
) -> Posted:
    """Put `amount`, less the fee, into the user's wallet; opened if there is none.

    :raises Refusal: UserNotFound, UserDeleted, UnsupportedCurrency, WalletFrozen,
        VersionMismatch, AmountTooSmall, AmountTooLarge, DuplicateReference,
        IdempotencyKeyReused.
    """
    [wallet] = lock_wallets(Claim(user_id, currency_code, opens=True))
    check_version(wallet, instruction)
    money = fits(amount, wallet.currency.denomination)
    fee = wallet.terms.fee("fund", money)
    if money <= fee:
        raise AmountTooSmall(f"The fee of {fee} would take all of it.", fee=fee.text)

    return post(
        Posting(
            TransactionType.FUND,
            owner_id=user_id,
            lines=[
                debit(CASH, money),
                credit(wallet, money - fee),
                *earned(FEE_INCOME, fee),
            ],
            instruction=instruction,
            fee=fee,
        )
    )
