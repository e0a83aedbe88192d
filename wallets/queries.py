"""Reading wallets."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, QuerySet

from users.queries import find_user
from wallets.errors import WalletNotFound
from wallets.models import Limit, Status, Wallet
from wallets.models.limit import NOBODY, subject_id


def wallets_of(user_id: UUID) -> list[Wallet]:
    """The user's live wallets with their currencies, by currency code.

    :raises UserNotFound, UserDeleted:
    """
    wallets = list(
        Wallet.objects.filter(owner_id=user_id)
        .select_related("currency")
        .order_by("currency_id")
    )
    if not wallets:
        # Every live user has a wallet unless all were closed: only then is it worth
        # a second look-up to tell "none" from "nobody".
        find_user(user_id)
    return wallets


def find_wallet(user_id: UUID, currency_code: str) -> Wallet:
    """The user's live wallet in that currency, with the currency.

    :raises UserNotFound, UserDeleted, WalletNotFound:
    """
    wallet: Wallet | None = (
        Wallet.objects.filter(owner_id=user_id, currency_id=currency_code)
        .select_related("currency")
        .first()
    )
    if wallet is None:
        find_user(user_id)
        raise WalletNotFound(currency_code)
    return wallet


def spendable_currencies(user_id: UUID) -> list[str]:
    """The currencies in which the user has money that moves now, by code."""
    return list(
        Wallet.objects.filter(
            owner_id=user_id,
            status=Status.ACTIVE,
            balance__gt=F("held"),
            currency__enabled=True,
        )
        .order_by("currency_id")
        .values_list("currency_id", flat=True)
    )


def limits_of(user_id: UUID, wallets: Iterable[Wallet]) -> QuerySet[Limit]:
    """The limits in force that could be this user's, those of all tiers among them.

    The same as a lock on one of these wallets brings along, see `wallets.locking`.
    """
    subjects = [user_id, NOBODY, *(wallet.id for wallet in wallets)]
    return (
        Limit.objects.annotate(subject_id=subject_id())
        .filter(subject_id__in=subjects, ended_at=None)
        .select_related("unit")
    )
