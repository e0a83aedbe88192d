"""A customer's money is promised, to another user or to the house's cash."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from fx.money import fits
from paymentprocessor.api.errors import FieldError, ValidationError
from transactions import reserve
from transactions.checks import check_version
from transactions.errors import SameUser
from transactions.models import Hold
from transactions.movement import moves_money
from transactions.postings import Held, Instruction
from users.queries import find_user
from wallets.locking import Claim, lock_wallets


@moves_money
def place_hold(
    instruction: Instruction,
    user_id: UUID,
    currency_code: str,
    amount: Decimal,
    to_user_id: UUID | None = None,
    *,
    expires_at: datetime | None = None,
    now: datetime,
) -> Held:
    """Hold `amount` of the user's wallet, for `HOLD_DAYS` unless `expires_at` says.

    The fee of its capture is held along, so that it will not be in the way.

    :raises Refusal: SameUser, ValidationError, UserNotFound, UserDeleted,
        UnsupportedCurrency, WalletNotFound, WalletFrozen, VersionMismatch,
        InsufficientFunds, DuplicateReference, IdempotencyKeyReused.
    """
    if to_user_id == user_id:
        raise SameUser
    expires_at = _expiry(expires_at, now)
    if to_user_id is not None:
        find_user(to_user_id)
    [wallet] = lock_wallets(Claim(user_id, currency_code))
    check_version(wallet, instruction)
    money = fits(amount, wallet.currency.denomination)

    hold = Hold(
        owner_id=user_id,
        wallet=wallet,
        currency=currency_code,
        amount=money.amount,
        fee=wallet.terms.fee("capture", money).amount,
        to_user_id=to_user_id,
        expires_at=expires_at,
        api_key_id=instruction.api_key_id,
        staff_id=instruction.staff_id,
        reference=instruction.reference,
        description=instruction.description,
        metadata=instruction.metadata,
        idempotency_key=instruction.idempotency_key,
    )
    return reserve.place(hold, instruction)


def _expiry(expires_at: datetime | None, now: datetime) -> datetime:
    """:raises ValidationError: it is past, or further away than `MAX_HOLD_DAYS`."""
    if expires_at is None:
        return now + timedelta(days=settings.HOLD_DAYS)
    if expires_at <= now:
        detail, code = "Must be in the future.", "in_the_past"
    elif expires_at > now + timedelta(days=settings.MAX_HOLD_DAYS):
        detail = f"Must be at most {settings.MAX_HOLD_DAYS} days from now."
        code = "too_far_away"
    else:
        return expires_at
    raise ValidationError(FieldError(detail, "/expires_at", code))
