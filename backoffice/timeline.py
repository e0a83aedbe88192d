"""Everything that happened to a customer, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model

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
    """The newest happenings: money, staff's acts, keys. Three or four queries."""
    found = [*_money(user.pk), *_acts(user.pk), *_keys(user.pk)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:LATEST]


def _money(user_id: UUID) -> Iterator[Happening]:
    for posted in newest_transactions(user_id, limit=LATEST):
        own = [entry for entry in posted.entries if entry.wallet.owner_id == user_id]
        moved = ", ".join(
            f"{entry.side} {entry.wallet.money(entry.amount)}" for entry in own
        )
        name = posted.transaction.get_type_display()
        yield Happening(
            posted.transaction.recorded_at, f"{name}: {moved}", "", posted.transaction
        )


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
