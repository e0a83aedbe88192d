"""A hold is paid out, all of it or a part."""

from decimal import Decimal
from uuid import UUID

from fx.money import Money, fits
from transactions import reserve
from transactions.checks import check_version
from transactions.converting import conversion_lines
from transactions.errors import CaptureTooLarge, HoldNotActive, PayeeUnavailable
from transactions.exposure import tell_of_kept_promise
from transactions.holding import lock_active
from transactions.ledger import post
from transactions.models import Hold, HoldStatus, TransactionType
from transactions.movement import moves_money
from transactions.postings import (
    CASH,
    FEE_INCOME,
    HouseAccount,
    Instruction,
    Line,
    Posted,
    Posting,
    credit,
    debit,
    earned,
)
from transactions.queries import held
from transactions.shares import Paid, conversion_of
from wallets.locking import Claim, lock_wallets
from wallets.models import Status, Wallet


@moves_money
def capture_hold(
    instruction: Instruction,
    hold_id: UUID,
    amount: Decimal | None = None,
    *,
    final: bool = False,
) -> Posted:
    """Pay `amount`, or all that is left, to the hold's payee.

    `final` gives up what is left then. The payee's wallet is opened if there is none;
    without a payee the money leaves by the house's cash. A hold that converts pays the
    share of the target that goes with the amount, at the rate of its quote.

    :raises Refusal: HoldNotFound, HoldNotActive, CaptureTooLarge, UserNotFound,
        UserDeleted, UnsupportedCurrency, WalletFrozen, PayeeUnavailable,
        VersionMismatch, AmountTooSmall, AmountTooLarge, DuplicateReference,
        IdempotencyKeyReused.
    """
    # What becomes of the hold is not known before the locks, but neither its terms nor
    # its end ever change.
    terms = held(hold_id)
    if terms.hold.status != HoldStatus.ACTIVE:
        raise HoldNotActive(terms.hold, HoldStatus(terms.hold.status))
    payer, *payees = lock_wallets(*_claims(terms.hold))
    check_version(payer, instruction)
    hold = lock_active(terms.hold, payer)
    if any(payee.status != Status.ACTIVE for payee in payees):
        raise PayeeUnavailable
    before = Paid.of(hold, terms.target)
    reserve.capture(hold, _part(hold, amount), final=final)
    part = Paid.of(hold, terms.target) - before

    posting = _posting(instruction, hold, part, payees[0] if payees else CASH)
    if hold.quote is not None:
        tell_of_kept_promise(posting)
    return post(posting, last=True)


def _claims(hold: Hold) -> list[Claim]:
    claims = [Claim(hold.owner_id, hold.currency)]
    if hold.to_user_id is not None:
        paid_in = hold.quote.target_currency if hold.quote else hold.currency
        claims.append(Claim(hold.to_user_id, paid_in, opens=True))
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


def _posting(
    instruction: Instruction, hold: Hold, part: Paid, payee: Wallet | HouseAccount
) -> Posting:
    return Posting(
        TransactionType.CAPTURE,
        owner_id=hold.owner_id,
        lines=_lines(hold, part, payee),
        instruction=instruction,
        fee=part.fee,
        conversion=conversion_of(hold, part),
        hold=hold,
    )


def _lines(hold: Hold, part: Paid, payee: Wallet | HouseAccount) -> list[Line]:
    if hold.quote is not None:
        return conversion_lines(
            hold.wallet,
            payee,
            sold=part.sold,
            bought=part.bought,
            spread=part.spread,
            fee=part.fee,
        )
    return [
        debit(hold.wallet, part.sold + part.fee),
        credit(payee, part.bought),
        *earned(FEE_INCOME, part.fee),
    ]
