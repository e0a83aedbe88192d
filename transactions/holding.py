"""What the ways of promising and keeping have in common."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from fx.models import Currency, Quote
from fx.money import Denomination, Money
from paymentprocessor.api.errors import FieldError
from transactions import reserve
from transactions.errors import HoldNotActive, UnfitExpiry
from transactions.models import Hold, HoldStatus
from transactions.postings import Held, Instruction
from users.queries import find_user
from wallets.models import Wallet
from wallets.opening import open_house_accounts


def expiry(expires_at: datetime | None, now: datetime) -> datetime:
    """When the hold ends: after `HOLD_DAYS` unless the client says.

    :raises UnfitExpiry: that is past, or further away than `MAX_HOLD_DAYS`.
    """
    if expires_at is None:
        return now + timedelta(days=settings.HOLD_DAYS)
    if expires_at <= now:
        detail, code = "Must be in the future.", "in_the_past"
    elif expires_at > now + timedelta(days=settings.MAX_HOLD_DAYS):
        detail = f"Must be at most {settings.MAX_HOLD_DAYS} days from now."
        code = "too_far_away"
    else:
        return expires_at
    raise UnfitExpiry(FieldError(detail, "/expires_at", code))


def ready_payee(to_user_id: UUID | None, currency: Currency) -> None:
    """Whoever is to be paid in that currency can be: the user is there, or the house.

    A user's wallet is opened when money arrives in it; the house has no such moment.

    :raises UserNotFound, UserDeleted:
    """
    if to_user_id is None:
        open_house_accounts(currency)
    else:
        find_user(to_user_id)


def promise(
    instruction: Instruction,
    wallet: Wallet,
    money: Money,
    *,
    fee: Money,
    to_user_id: UUID | None,
    expires_at: datetime,
    quote: Quote | None = None,
    target: Denomination | None = None,
) -> Held:
    """Write a hold of that much of the locked wallet, and of the fee.

    :raises WalletFrozen, UnsupportedCurrency, InsufficientFunds:
    """
    assert wallet.owner_id is not None, "a customer's wallet was claimed"
    hold = Hold(
        owner_id=wallet.owner_id,
        wallet=wallet,
        currency=wallet.currency_id,
        amount=money.amount,
        fee=fee.amount,
        quote=quote,
        to_user_id=to_user_id,
        expires_at=expires_at,
        api_key_id=instruction.api_key_id,
        staff_id=instruction.staff_id,
        reference=instruction.reference,
        description=instruction.description,
        metadata=instruction.metadata,
        idempotency_key=instruction.idempotency_key,
    )
    reserve.place(hold, instruction)
    return Held(hold, target)


def lock_active(terms: Hold, wallet: Wallet) -> Hold:
    """The hold of these terms with its wallet, which is locked already.

    Of a hold that has ended the wallet may be closed, and another one locked.

    Whoever changes a hold locks its wallet first, so the statement below never waits,
    and the time at which it starts is after whatever others did to the hold.

    :raises HoldNotActive: it has ended, if only because its time is up just now.
    """
    hold = (
        Hold.objects.annotate(in_time=Q(expires_at__gt=Now()))
        .select_for_update(no_key=True)
        .get(pk=terms.pk)
    )
    if hold.status != HoldStatus.ACTIVE:
        raise HoldNotActive(hold, HoldStatus(hold.status))
    if not hold.in_time:
        raise HoldNotActive(hold, hold.status_if_ended(HoldStatus.EXPIRED))
    assert hold.wallet_id == wallet.id, "a wallet that holds something is not closed"
    hold.wallet, hold.quote = wallet, terms.quote
    return hold
