"""One asks, another agrees."""

from datetime import datetime
from uuid import UUID

from django.db import transaction as db_transaction

from backoffice.approval_kinds import KINDS, Payload, digest_of
from backoffice.deciding import check_checker, check_maker, check_undecided
from backoffice.models import ApprovalRequest, Decision
from backoffice.simulation import simulate
from paymentprocessor.api.errors import Refusal
from users.acts import Actor, record_act


def request_approval(
    kind: str,
    payload: Payload,
    *,
    customer_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> ApprovalRequest:
    """Write down what somebody wants done, if it could be done now.

    What it is bound to, as it is now, is added to the payload.

    :raises Refusal: they may not ask for it, or it could not be done.
    """
    check_maker(kind, actor.staff_id)
    payload = {**payload, **KINDS[kind].bound(payload)}
    simulate(kind, payload, actor=actor, now=now)
    with db_transaction.atomic(durable=True):
        request = ApprovalRequest.objects.create(
            kind=kind,
            payload=payload,
            digest=digest_of(kind, payload),
            customer_id=customer_id,
            maker_id=actor.staff_id,
            reason=actor.reason,
            expires_at=now + KINDS[kind].valid_for,
        )
        _record(actor, "approval.requested", request)
    return request


def approve(
    request_id: UUID, seen: bytes, *, actor: Actor, now: datetime
) -> ApprovalRequest:
    """Agree to a request, as it was seen: `seen` is its digest on the page.

    It is not done yet; `carry_out_approved` follows.

    :raises Refusal: it is decided, expired, one's own, or not what was seen; or its
        maker may not ask for it any more.
    """
    with db_transaction.atomic(durable=True):
        request = ApprovalRequest.locked(request_id)
        check_undecided(request)
        check_checker(request, actor.staff_id)
        if now >= request.expires_at:
            raise Refusal("The request has expired. Ask for a new one.")
        asked_for = digest_of(request.kind, request.payload)
        if not bytes(request.digest) == asked_for == seen:
            raise Refusal("The request is not what was shown. Read it again.")
        check_maker(request.kind, request.maker_id)
        _decide(request, Decision.APPROVED, actor, now)
        _record(actor, "approval.approved", request)
    return request


def reject(request_id: UUID, *, actor: Actor, now: datetime) -> ApprovalRequest:
    """Say no to a request, for good.

    :raises Refusal: it is decided, or one's own.
    """
    with db_transaction.atomic(durable=True):
        request = ApprovalRequest.locked(request_id)
        check_undecided(request)
        check_checker(request, actor.staff_id)
        _decide(request, Decision.REJECTED, actor, now)
        _record(actor, "approval.rejected", request)
    return request


def _decide(
    request: ApprovalRequest, decision: Decision, actor: Actor, now: datetime
) -> None:
    request.decision = decision
    request.checker_id = actor.staff_id
    request.decided_at = now
    request.decision_reason = actor.reason
    request.save(update_fields=["decision", "checker", "decided_at", "decision_reason"])


def _record(actor: Actor, kind: str, request: ApprovalRequest) -> None:
    record_act(
        actor,
        kind,
        request,
        customer_id=request.customer_id,
        after={"kind": request.kind, "digest": bytes(request.digest).hex()},
    )
