"""Writing down what staff do, with what they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from paymentprocessor.api.middleware import current_request_id
from users.models import StaffAct


@dataclass(frozen=True, slots=True)
class Actor:
    """The member of staff who does something, why, and from which address.

    `staff_id` is None for whoever has the command line. `approval_id` is of the request
    that they carry out, when it took two people.
    """

    staff_id: UUID | None
    reason: str = ""
    address: str | None = None
    approval_id: UUID | None = None


def record_act(
    actor: Actor | None,
    kind: str,
    subject: Model,
    *,
    customer_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an act down; call it inside the transaction of what was done.

    Without an actor it was a program's doing, which events tell of, and nothing is
    written here.
    """
    if actor is None:
        return
    assert connection.in_atomic_block, "an act is written with its effect, or not"
    after = dict(after or {})
    if actor.approval_id is not None:
        after["approval_request"] = actor.approval_id
    StaffAct.objects.create(
        staff_id=actor.staff_id,
        kind=kind,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        customer_id=customer_id,
        before=dict(before or {}),
        after=after,
        reason=actor.reason,
        address=actor.address,
        request_id=current_request_id(),
    )
