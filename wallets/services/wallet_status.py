"""Staff stop a wallet from moving, let it move again, or end it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction as db_transaction

from users.acts import Actor, record_act
from wallets.errors import WalletNotEmpty
from wallets.models import Status, Wallet
from webhooks.services import record_event


def freeze_wallet(wallet_id: UUID, *, actor: Actor | None = None) -> Wallet:
    """Nothing moves into or out of the wallet until it is unfrozen."""
    return _change_status(wallet_id, Status.FROZEN, "wallet.frozen", actor)


def unfreeze_wallet(wallet_id: UUID, *, actor: Actor | None = None) -> Wallet:
    """Money moves again."""
    return _change_status(wallet_id, Status.ACTIVE, "wallet.unfrozen", actor)


def close_wallet(
    wallet_id: UUID, *, now: datetime, actor: Actor | None = None
) -> Wallet:
    """End an empty wallet for good; its owner may open a new one in the currency.

    :raises WalletNotEmpty: money is still in it, or held.
    """
    with db_transaction.atomic(durable=True):
        wallet = _locked(wallet_id)
        if wallet.balance or wallet.held:
            raise WalletNotEmpty(wallet)
        before = wallet.status
        wallet.status = Status.CLOSED
        wallet.deleted_at = now
        wallet.save(update_fields=["status", "deleted_at"])
        _tell(wallet, "wallet.closed", before, actor)
    return wallet


def _change_status(
    wallet_id: UUID, status: Status, event: str, actor: Actor | None
) -> Wallet:
    with db_transaction.atomic(durable=True):
        wallet = _locked(wallet_id)
        before = wallet.status
        if before != status:
            wallet.status = status
            wallet.save(update_fields=["status"])
            _tell(wallet, event, before, actor)
    return wallet


def _locked(wallet_id: UUID) -> Wallet:
    wallets = Wallet.objects.select_related("currency")
    locked = wallets.select_for_update(no_key=True, of=("self",))
    wallet: Wallet = locked.get(pk=wallet_id, owner__isnull=False)
    return wallet


def _tell(wallet: Wallet, event: str, before: str, actor: Actor | None) -> None:
    record_event(
        event,
        subject_id=wallet.id,
        user_id=wallet.owner_id,
        currency=wallet.currency_id,
    )
    record_act(
        actor,
        event,
        wallet,
        customer_id=wallet.owner_id,
        before={"status": before},
        after={"status": wallet.status},
    )
