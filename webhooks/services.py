"""Telling others: writing down what happened."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from paymentprocessor.api.middleware import current_request_id
from webhooks.models import RecordedEvent


def record_event(
    type: str,  # noqa: A002 the field's name
    *,
    subject_id: UUID,
    user_id: UUID | None = None,
    **data: Any,
) -> None:
    """Write an event; call it inside the transaction of the fact it tells."""
    record_events([new_event(type, subject_id=subject_id, user_id=user_id, **data)])


def record_events(events: Iterable[RecordedEvent]) -> None:
    """Write events, in one statement."""
    RecordedEvent.objects.bulk_create(events)


def new_event(
    type: str,  # noqa: A002 the field's name
    *,
    subject_id: UUID,
    user_id: UUID | None = None,
    **data: Any,
) -> RecordedEvent:
    """An event that is yet to be written."""
    return RecordedEvent(
        type=type,
        subject_id=subject_id,
        user_id=user_id,
        data=data,
        request_id=current_request_id(),
    )
