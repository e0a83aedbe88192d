"""Staff stop a wallet from moving, let it move again, or end it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction as db_transaction

from wallets.errors import WalletNotEmpty
from wallets.models import Status, Wallet
from webhooks.services import record_event


def freeze_wallet(wallet_id: UUID) -> Wallet:
    """Nothing moves into or out of the wallet until it is unfrozen."""
    return _change_status(wallet_id, Status.FROZEN, "wallet.frozen")


def unfreeze_wallet(wallet_id: UUID) -> Wallet:
    """Money moves again."""
    return _change_status(wallet_id, Status.ACTIVE, "wallet.unfrozen")


def close_wallet(wallet_id: UUID, *, now: datetime) -> Wallet:
    """End an empty wallet for good; its owner may open a new one in the currency.

    :raises WalletNotEmpty: money is still in it, or held.
    """
    with db_transaction.atomic(durable=True):
        wallet = _locked(wallet_id)
        if wallet.balance or wallet.held:
            raise WalletNotEmpty(wallet)
        wallet.status = Status.CLOSED
        wallet.deleted_at = now
        wallet.save(update_fields=["status", "deleted_at"])
        _tell(wallet, "wallet.closed")
    return wallet


def _change_status(wallet_id: UUID, status: Status, event: str) -> Wallet:
    with db_transaction.atomic(durable=True):
        wallet = _locked(wallet_id)
        if wallet.status != status:
            wallet.status = status
            wallet.save(update_fields=["status"])
            _tell(wallet, event)
    return wallet


def _locked(wallet_id: UUID) -> Wallet:
    wallets = Wallet.objects.select_related("currency")
    locked = wallets.select_for_update(no_key=True, of=("self",))
    wallet: Wallet = locked.get(pk=wallet_id, owner__isnull=False)
    return wallet


def _tell(wallet: Wallet, event: str) -> None:
    record_event(
        event,
        subject_id=wallet.id,
        user_id=wallet.owner_id,
        currency=wallet.currency_id,
    )
