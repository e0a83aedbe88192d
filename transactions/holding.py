"""Taking a hold in hand, to capture or void it."""

from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from transactions.errors import HoldNotActive, HoldNotFound
from transactions.models import Hold, HoldStatus
from wallets.models import Wallet


def find_terms(hold_id: UUID) -> Hold:
    """The hold as it was placed; what became of it is not known before the locks.

    :raises HoldNotFound:
    """
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise HoldNotFound
    return hold


def lock_active(hold_id: UUID, wallet: Wallet) -> Hold:
    """The hold with its wallet, which is locked already; nobody else ends it now.

    Whoever changes a hold locks its wallet first, so the statement below never waits,
    and the time at which it starts is after whatever others did to the hold.

    :raises HoldNotActive: it has ended, if only because its time is up just now.
    """
    hold = (
        Hold.objects.annotate(in_time=Q(expires_at__gt=Now()))
        .select_for_update(no_key=True)
        .get(pk=hold_id)
    )
    assert hold.wallet_id == wallet.id, "a wallet that holds something is not closed"
    if hold.status != HoldStatus.ACTIVE:
        raise HoldNotActive(hold, HoldStatus(hold.status))
    if not hold.in_time:
        raise HoldNotActive(hold, hold.status_if_ended(HoldStatus.EXPIRED))
    hold.wallet = wallet
    return hold
