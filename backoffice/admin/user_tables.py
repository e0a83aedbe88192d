"""What a user's page shows of what is theirs."""

from django.utils import timezone
from django.utils.safestring import SafeString

from backoffice.admin.html import NOTHING, amount, instant, link, table
from backoffice.timeline import timeline
from transactions.queries import newest_transactions
from users.models import ApiKey, User
from wallets.models import Wallet

LATEST = 20


def wallets_held(user: User) -> SafeString | str:
    """All of the user's wallets, those closed or deleted too."""
    wallets = (
        Wallet.all_objects.filter(owner=user)
        .select_related("currency")
        .order_by("currency_id", "id")
    )
    return table(
        ["Currency", "Balance#", "Held#", "Available#", "Version#", "Status"],
        (
            (
                link(wallet, wallet.currency_id),
                amount(wallet.money(wallet.balance)),
                amount(wallet.money(wallet.held)),
                amount(wallet.money(wallet.available)),
                wallet.version,
                wallet_state(wallet),
            )
            for wallet in wallets
        ),
        empty="No wallets.",
    )


def wallet_state(wallet: Wallet) -> str:
    """The status, and whether the wallet went with its owner."""
    if wallet.is_deleted and wallet.status != "closed":
        return f"{wallet.status}, deleted"
    return wallet.status


def keys(user: User) -> SafeString | str:
    """The user's API keys, without anything that would open a door."""
    return table(
        ["Key", "Scopes", "State", "Last used"],
        (
            (
                link(key),
                ", ".join(key.scopes),
                key_state(key),
                instant(key.last_used_at),
            )
            for key in ApiKey.objects.filter(owner=user).order_by("-id")
        ),
        empty="No API keys.",
    )


def key_state(key: ApiKey) -> str:
    """Whether a key still opens anything."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= timezone.now():
        return "expired"
    return "valid"


def latest_transactions(user: User) -> SafeString | str:
    """The newest of the user's transactions, each with what it did to their wallets."""
    return table(
        ["Recorded", "Type", "Reference", "Debit#", "Credit#", "Balance after#"],
        (
            (
                link(
                    posted.transaction,
                    instant(posted.transaction.recorded_at),
                ),
                posted.transaction.get_type_display(),
                posted.transaction.reference or NOTHING,
                amount(entry.wallet.money(entry.amount))
                if entry.side == "debit"
                else "",
                amount(entry.wallet.money(entry.amount))
                if entry.side == "credit"
                else "",
                amount(entry.wallet.money(entry.balance_after)),
            )
            for posted in newest_transactions(user.pk, limit=LATEST)
            for entry in posted.entries
            if entry.balance_after is not None
        ),
        empty="No transactions.",
    )


def happenings(user: User) -> SafeString | str:
    """The timeline: money, what staff did, keys."""
    return table(
        ["When", "What", "By"],
        (
            (link(one.row, instant(one.at)), one.what, one.by or NOTHING)
            for one in timeline(user)
        ),
        empty="Nothing has happened yet.",
    )
