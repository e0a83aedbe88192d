"""Everything that happened to a customer, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model, prefetch_related_objects

from transactions.models import Transaction
from transactions.queries import newest_transactions
from users.models import ApiKey, StaffAct, User

LATEST = 30
# What the transactions themselves tell, and what is no news.
_LEFT_OUT = ("page.read",)


@dataclass(frozen=True)
class Happening:
    """One line of a timeline: when, what, by whom, and the row that tells more."""

    at: datetime
    what: str
    by: str
    row: Model


def timeline(user: User) -> list[Happening]:
    """The newest happenings: money, staff's acts, keys. Nine queries at most."""
    found = [*_money(user.pk), *_acts(user.pk), *_keys(user.pk)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:LATEST]


def _money(user_id: UUID) -> Iterator[Happening]:
    newest = newest_transactions(user_id, limit=LATEST)
    prefetch_related_objects([one.transaction for one in newest], "api_key", "staff")
    for posted in newest:
        transaction = posted.transaction
        own = [entry for entry in posted.entries if entry.wallet.owner_id == user_id]
        moved = ", ".join(
            f"{entry.side} {entry.wallet.money(entry.amount)}" for entry in own
        )
        what = f"{transaction.get_type_display()}: {moved}"
        yield Happening(
            transaction.recorded_at, what, _asked_for(transaction), transaction
        )


def _asked_for(transaction: Transaction) -> str:
    """Who asked for it: staff, or a key; nobody, where the product did it by itself."""
    if transaction.staff is not None:
        return str(transaction.staff.username)
    if transaction.api_key is not None:
        return f"key {transaction.api_key.name}"
    return ""


def _acts(user_id: UUID) -> Iterator[Happening]:
    acts = StaffAct.objects.filter(customer_id=user_id).exclude(kind__in=_LEFT_OUT)
    for act in acts.select_related("staff").order_by("-id")[:LATEST]:
        by = act.staff.username if act.staff else "the command line"
        what = f"{act.kind}: {act.reason}" if act.reason else act.kind
        yield Happening(act.occurred_at, what, str(by), act)


def _keys(user_id: UUID) -> Iterator[Happening]:
    for key in ApiKey.objects.filter(owner_id=user_id).order_by("-id")[:LATEST]:
        yield Happening(key.created_at, "API key made", "", key)
        if key.revoked_at is not None:
            yield Happening(key.revoked_at, "API key revoked", "", key)
