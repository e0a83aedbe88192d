"""Reading events in an order that never misses one."""

from uuid import UUID

from django.db.models import F, Q
from django.db.models.expressions import Value

from paymentprocessor.database.xid import Horizon, Xid8Field
from webhooks.models import Event


def events_after(
    position: tuple[int, UUID] | None,
    *,
    limit: int,
    type: str | None = None,  # noqa: A002
) -> list[Event]:
    """Up to `limit` events after `position` (xid, id), oldest first.

    Only events below the horizon: a transaction that is still at work may yet commit
    an event with a smaller number, and handing out anything above it would lose
    that one for ever.
    """
    events = Event.objects.filter(xid__lt=Horizon(output_field=Xid8Field()))
    if position is not None:
        xid, event_id = position
        events = events.filter(
            Q(xid__gt=Value(xid, Xid8Field()))
            | Q(xid=Value(xid, Xid8Field()), id__gt=event_id),
            # Says nothing new, but it is where the index scans begin.
            xid__gte=Value(xid, Xid8Field()),
        )
    if type is not None:
        events = events.filter(type=type)
    return list(events.order_by(F("xid"), F("id"))[:limit])
