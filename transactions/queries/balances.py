"""What a customer held, now and then."""

from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from fx.money import Money
from transactions.models import Entry
from users.queries import find_user
from wallets.models import Wallet
from wallets.queries import wallets_of


def balances(user_id: UUID, *, at: datetime | None = None) -> list[Money]:
    """What the user's wallets hold, or held at an instant, by currency code.

    At an instant: the wallets that were open then, each with what its last entry
    recorded until then, that instant included, left there.

    :raises UserNotFound, UserDeleted:
    """
    if at is None:
        return [wallet.money(wallet.balance) for wallet in wallets_of(user_id)]

    find_user(user_id)
    last_entry = (
        Entry.objects.filter(
            wallet=OuterRef("pk"), wallet_version__isnull=False, recorded_at__lte=at
        )
        .order_by("-recorded_at", "-wallet_version")
        .values("balance_after")[:1]
    )
    held = (
        Wallet.all_objects.filter(owner_id=user_id, created_at__lte=at)
        .exclude(deleted_at__lte=at)
        .annotate(balance_then=Subquery(last_entry))
        .select_related("currency")
        .order_by("currency_id")
    )
    return [wallet.money(wallet.balance_then or wallet.balance * 0) for wallet in held]
