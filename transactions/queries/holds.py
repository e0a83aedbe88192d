"""Reading holds, as they are by the database's clock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Now

from fx.models import Currency
from fx.money import Denomination
from transactions.errors import HoldNotFound
from transactions.models import Hold, HoldStatus, Transaction
from transactions.postings import Held, Posted
from transactions.queries.books import posted_transactions

# True of a row that still says "active" after its time: the sweep has not come by.
_OVERDUE = ExpressionWrapper(
    Q(status=HoldStatus.ACTIVE, expires_at__lte=Now()), output_field=BooleanField()
)

_TARGET_EXPONENT = Subquery(
    Currency.objects.filter(code=OuterRef("quote__target_currency")).values("exponent")
)

# Where a page ends: the holds placed, or captures recorded, before this come next.
Position = tuple[datetime, UUID]


@dataclass(frozen=True)
class HoldFilter:
    """Which holds are wanted; what is None does not matter."""

    user_id: UUID | None = None
    status: HoldStatus | None = None
    currency: str | None = None


def held(hold_id: UUID, *, replayed: bool = False) -> Held:
    """One hold with its wallet and quote.

    :raises HoldNotFound:
    """
    hold = _holds().filter(pk=hold_id).first()
    if hold is None:
        raise HoldNotFound
    return _held(hold, replayed=replayed)


def captures_of(hold_id: UUID, *, before: Position | None, limit: int) -> list[Posted]:
    """The newest captures of a hold, at most `limit`, newest first."""
    captures = Transaction.objects.filter(hold_id=hold_id)
    if before is not None:
        captures = captures.filter(_earlier("recorded_at", before))
    newest = captures.order_by("-recorded_at", "-id").values_list("pk", flat=True)
    return posted_transactions(newest[:limit])


def holds(wanted: HoldFilter, *, before: Position | None, limit: int) -> list[Held]:
    """The newest holds with their wallets, at most `limit`, newest first."""
    rows = _holds().filter(_matching(wanted))
    if before is not None:
        rows = rows.filter(_earlier("created_at", before))
    newest = rows.order_by("-created_at", "-id")[:limit]
    return [_held(row) for row in newest]


def _earlier(column: str, position: Position) -> Q:
    """Before the position; said twice, once in a way that an index follows."""
    at, id_ = position
    return Q(**{f"{column}__lte": at}) & (
        Q(**{f"{column}__lt": at}) | Q(**{column: at, "id__lt": id_})
    )


def _holds() -> QuerySet[Hold]:
    return Hold.objects.select_related("wallet__currency", "quote").annotate(
        overdue=_OVERDUE, target_exponent=_TARGET_EXPONENT
    )


def _held(hold: Hold, *, replayed: bool = False) -> Held:
    """What the sweep will write of a hold whose time is up is true already."""
    if hold.overdue:  # type: ignore[attr-defined]
        hold.status = hold.status_if_ended(HoldStatus.EXPIRED)
        hold.ended_at = hold.expires_at
    target = None
    if hold.quote is not None:
        exponent = hold.target_exponent  # type: ignore[attr-defined]
        target = Denomination(hold.quote.target_currency, exponent)
    return Held(hold, target, replayed)


def _matching(wanted: HoldFilter) -> Q:
    conditions = {"owner_id": wanted.user_id, "currency": wanted.currency}
    matching = Q(**{name: v for name, v in conditions.items() if v is not None})
    match wanted.status:
        case None:
            return matching
        case HoldStatus.ACTIVE:
            return matching & Q(status=wanted.status, expires_at__gt=Now())
        case HoldStatus.EXPIRED:
            overdue = Q(captured=0)
        case HoldStatus.PARTIALLY_CAPTURED:
            overdue = Q(captured__gt=0)
        case _:
            return matching & Q(status=wanted.status)
    overdue &= Q(status=HoldStatus.ACTIVE, expires_at__lte=Now())
    return matching & (Q(status=wanted.status) | overdue)
