"""Reading transactions with their entries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from transactions.errors import TransactionNotFound
from transactions.models import Conversion, Entry, Transaction
from transactions.postings import Posted
from users.queries import find_user
from wallets.models import Wallet

_HISTORY = (Path(__file__).parents[1] / "sql" / "history.sql").read_text()


@dataclass(frozen=True)
class HistoryFilter:
    """Which transactions are wanted; what is None does not matter.

    `since` is included and `until` is not. `min_amount` and `max_amount` are of an
    entry, both included. In one user's history a `reference` is one of the user's own
    operations.
    """

    currency: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    reference: str | None = None


# Where a page of history ends: transactions recorded before this one come next.
Position = tuple[datetime, UUID]


def posted_transaction(transaction_id: UUID, *, replayed: bool = False) -> Posted:
    """One transaction with its entries, conversion and parts.

    :raises TransactionNotFound:
    """
    parts = Transaction.objects.filter(part_of=transaction_id).order_by("pk")
    ids = [*parts.values_list("pk", flat=True), transaction_id]
    found = posted_transactions(ids, replayed=replayed)
    if len(found) < len(ids):
        raise TransactionNotFound
    return replace(found[-1], parts=found[:-1])


def owner_of(transaction_id: UUID) -> UUID | None:
    """Whose operation the transaction was; None for nobody's and for none at all."""
    owners = Transaction.objects.filter(pk=transaction_id)
    return owners.values_list("owner_id", flat=True).first()


def user_history(
    user_id: UUID, wanted: HistoryFilter, *, before: Position | None, limit: int
) -> list[Posted]:
    """The newest transactions of a user's wallets, at most `limit`, newest first.

    With all their entries; which of them are for the user is for the answer to say.
    Reads `limit` rows of each wallet, however long the wallets' histories are.

    :raises UserNotFound, UserDeleted:
    """
    find_user(user_id)
    wallets = Wallet.all_objects.filter(owner_id=user_id)
    if wanted.currency is not None:
        wallets = wallets.filter(currency_id=wanted.currency)
    ids = _newest(wallets, wanted, before=before, limit=limit, owner_id=user_id)
    return posted_transactions(ids)


def newest_transaction_ids(user_ids: Collection[UUID], *, limit: int) -> list[UUID]:
    """The newest transactions of these users, who may be deleted, newest first.

    Cheap however long their histories are, and so fit for narrowing a list.
    """
    wallets = Wallet.all_objects.filter(owner_id__in=user_ids)
    return _newest(wallets, HistoryFilter(), before=None, limit=limit)


def newest_transactions(user_id: UUID, *, limit: int) -> list[Posted]:
    """The same for one user, with the user's own entries, for staff to look at."""
    return posted_transactions(
        newest_transaction_ids([user_id], limit=limit), only_of=user_id
    )


def _newest(
    wallets: QuerySet[Wallet],
    wanted: HistoryFilter,
    *,
    before: Position | None,
    limit: int,
    owner_id: UUID | None = None,
) -> list[UUID]:
    before_at, before_id = before or (None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            _HISTORY,
            vars(wanted)
            | {
                "wallet_ids": list(wallets.values_list("pk", flat=True)),
                "before_at": before_at,
                "before_id": before_id,
                "limit": limit,
                "owner_id": owner_id,
            },
        )
        return [row[0] for row in cursor.fetchall()]


def whole_history(
    wanted: HistoryFilter, *, before: Position | None, limit: int
) -> list[Posted]:
    """The newest transactions of all users, at most `limit`, newest first."""
    transactions = Transaction.objects.filter(_matching(wanted))
    if before is not None:
        at, id_ = before
        transactions = transactions.filter(
            Q(recorded_at__lt=at) | Q(recorded_at=at, id__lt=id_), recorded_at__lte=at
        )
    ids = transactions.order_by("-recorded_at", "-id").values_list("pk", flat=True)
    return posted_transactions(list(ids[:limit]))


def _matching(wanted: HistoryFilter) -> Q:
    conditions = {
        "type": wanted.type,
        "reference": wanted.reference,
        "recorded_at__gte": wanted.since,
        "recorded_at__lt": wanted.until,
    }
    matching = Q(**{name: v for name, v in conditions.items() if v is not None})
    entry = {
        "currency": wanted.currency,
        "amount__gte": wanted.min_amount,
        "amount__lte": wanted.max_amount,
    }
    entry = {name: value for name, value in entry.items() if value is not None}
    if entry:
        customers = Entry.objects.filter(wallet_version__isnull=False, **entry)
        matching &= Q(pk__in=customers.values("transaction_id"))
    return matching


def posted_transactions(
    ids: Iterable[UUID], *, only_of: UUID | None = None, replayed: bool = False
) -> list[Posted]:
    """The transactions in the order of `ids`, in three queries."""
    ids = list(ids)
    transactions = Transaction.objects.in_bulk(ids)
    conversions = Conversion.objects.in_bulk(ids)
    entries = defaultdict(list)
    lines = Entry.objects.filter(transaction_id__in=ids)
    if only_of is not None:
        lines = lines.filter(wallet__owner_id=only_of)
    for entry in lines.select_related("wallet__currency").order_by("line"):
        entries[entry.transaction_id].append(entry)
    return [
        Posted(transactions[id_], entries[id_], conversions.get(id_), replayed)
        for id_ in ids
        if id_ in transactions
    ]
