"""What became of a transaction: who reversed it, and what was given back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, Sum

from fx.money import EXACT
from transactions.models import Entry, Side, Transaction

_ZERO = Decimal(0)


@dataclass
class Undone:
    """The reversal of a transaction, and its refunds in their order."""

    reversed_by: UUID | None = None
    refunded_by: list[UUID] = field(default_factory=list)
    refunded: Decimal = _ZERO


def refunded(original: Transaction) -> Decimal:
    """How much of a payment has been given back."""
    given_back = Entry.objects.filter(transaction__refunds=original, side=Side.DEBIT)
    total: Decimal | None = given_back.aggregate(total=Sum("amount"))["total"]
    return total or _ZERO


def undone(ids: Iterable[UUID]) -> dict[UUID, Undone]:
    """What became of each of these transactions, in one query."""
    ids = list(ids)
    found: dict[UUID, Undone] = defaultdict(Undone)
    rows = (
        Entry.objects.filter(
            Q(transaction__reverses__in=ids) | Q(transaction__refunds__in=ids), line=1
        )
        .order_by("recorded_at", "transaction_id")
        .values_list(
            "transaction_id",
            "transaction__reverses",
            "transaction__refunds",
            "amount",
        )
    )
    for id_, reverses, refunds, amount in rows:
        if reverses is not None:
            found[reverses].reversed_by = id_
        if refunds is not None:
            found[refunds].refunded_by.append(id_)
            found[refunds].refunded = EXACT.add(found[refunds].refunded, amount)
    return found
