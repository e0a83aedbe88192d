"""One customer pays another, in one currency."""

from decimal import Decimal
from uuid import UUID

from fx.money import fits
from transactions.checks import check_version
from transactions.errors import PayeeUnavailable, SameUser
from transactions.ledger import post
from transactions.models import TransactionType
from transactions.movement import moves_money
from transactions.postings import (
    FEE_INCOME,
    Instruction,
    Posted,
    Posting,
    credit,
    debit,
    earned,
)
from wallets.locking import Claim, lock_wallets
from wallets.models import Status


@moves_money
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
        InsufficientFunds, DuplicateReference, IdempotencyKeyReused.
    """
    if user_id == to_user_id:
        raise SameUser
    payer, payee = lock_wallets(
        Claim(user_id, currency_code),
        Claim(to_user_id, currency_code, opens=True),
    )
    check_version(payer, instruction)
    if payee.status != Status.ACTIVE:
        raise PayeeUnavailable
    money = fits(amount, payer.currency.denomination)
    fee = payer.terms.fee("transfer", money)

    return post(
        Posting(
            TransactionType.TRANSFER,
            owner_id=user_id,
            lines=[
                debit(payer, money + fee),
                credit(payee, money),
                *earned(FEE_INCOME, fee),
            ],
            instruction=instruction,
            fee=fee,
        )
    )
