"""A hold is paid out, all of it or a part."""

from decimal import Decimal
from uuid import UUID

from fx.money import Money, fits
from transactions import reserve
from transactions.checks import check_version
from transactions.errors import CaptureTooLarge, PayeeUnavailable
from transactions.holding import find_terms, lock_active
from transactions.ledger import post
from transactions.models import Hold, TransactionType
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
from wallets.models import Status


@moves_money
def capture_hold(
    instruction: Instruction,
    hold_id: UUID,
    amount: Decimal | None = None,
    *,
    final: bool = False,
) -> Posted:
    """Pay `amount`, or all that is left, to the hold's payee.

    `final` gives up what is left then.
    The payee's wallet is opened if there is none; without a payee the money leaves by
    the house's cash.

    :raises Refusal: HoldNotFound, HoldNotActive, CaptureTooLarge, UserNotFound,
        UserDeleted, UnsupportedCurrency, WalletFrozen, PayeeUnavailable,
        VersionMismatch, AmountTooLarge, DuplicateReference, IdempotencyKeyReused.
    """
    terms = find_terms(hold_id)
    payer, *payees = lock_wallets(*_claims(terms))
    check_version(payer, instruction)
    hold = lock_active(hold_id, payer)
    if any(payee.status != Status.ACTIVE for payee in payees):
        raise PayeeUnavailable
    money, agreed = _part(hold, amount), payer.money(hold.fee)
    paid_before = hold.share(agreed)
    reserve.capture(hold, money, final=final)
    fee = hold.share(agreed) - paid_before

    return post(
        Posting(
            TransactionType.CAPTURE,
            owner_id=hold.owner_id,
            lines=[
                debit(payer, money + fee),
                credit(payees[0] if payees else CASH, money),
                *earned(FEE_INCOME, fee),
            ],
            instruction=instruction,
            fee=fee,
            hold=hold,
        )
    )


def _claims(hold: Hold) -> list[Claim]:
    claims = [Claim(hold.owner_id, hold.currency)]
    if hold.to_user_id is not None:
        claims.append(Claim(hold.to_user_id, hold.currency, opens=True))
    return claims


def _part(hold: Hold, amount: Decimal | None) -> Money:
    """:raises CaptureTooLarge: less is left of the hold."""
    left = hold.wallet.money(hold.left)
    if amount is None:
        return left
    money = fits(amount, left.currency)
    if left < money:
        raise CaptureTooLarge(left)
    return money
