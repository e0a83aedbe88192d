"""One asks, another agrees, and then it is done."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction as db_transaction

from backoffice.approval_kinds import KINDS, digest_of
from backoffice.models import ApprovalRequest, Decision
from paymentprocessor.api.errors import Refusal, RequestInProgress, Unavailable
from transactions.postings import Instruction
from users.acts import Actor, record_act

VALID_FOR = timedelta(days=3)


def request_approval(
    kind: str,
    payload: Mapping[str, Any],
    *,
    customer_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> ApprovalRequest:
    """Write down what somebody wants done, if it could be done now.

    :raises Refusal: it could not.
    """
    preview = Instruction(preview=True, expected_version=_version(payload))
    KINDS[kind].work(preview, payload, None)
    with db_transaction.atomic(durable=True):
        request = ApprovalRequest.objects.create(
            kind=kind,
            payload=dict(payload),
            digest=digest_of(kind, payload),
            customer_id=customer_id,
            maker_id=actor.staff_id,
            reason=actor.reason,
            expires_at=now + VALID_FOR,
        )
        _record(actor, "approval.requested", request)
    return request


def approve(
    request_id: UUID, seen: bytes, *, actor: Actor, now: datetime
) -> ApprovalRequest:
    """Agree to a request, as it was seen: `seen` is its digest on the page.

    It is not done yet; `carry_out_approved` follows.

    :raises Refusal: it is decided, expired, one's own, or not what was seen.
    """
    with db_transaction.atomic(durable=True):
        request = _decidable(request_id, actor)
        if now >= request.expires_at:
            raise Refusal("The request has expired. Ask for a new one.")
        asked_for = digest_of(request.kind, request.payload)
        if not bytes(request.digest) == asked_for == seen:
            raise Refusal("The request is not what was shown. Read it again.")
        _decide(request, Decision.APPROVED, actor, now)
        _record(actor, "approval.approved", request)
    return request


def reject(request_id: UUID, *, actor: Actor, now: datetime) -> ApprovalRequest:
    """Say no to a request, for good.

    :raises Refusal: it is decided, or one's own.
    """
    with db_transaction.atomic(durable=True):
        request = _decidable(request_id, actor)
        _decide(request, Decision.REJECTED, actor, now)
        _record(actor, "approval.rejected", request)
    return request


def carry_out_approved(request_id: UUID, *, actor: Actor) -> ApprovalRequest:
    """Do what was approved, once however often it is called.

    The money moves under the request's own idempotency key and in its checker's name.
    What the books refuse, since they have changed meanwhile, voids the request.

    :raises Refusal: it has not been approved, or it cannot be told now what becomes of
        it: then it stays approved, to be carried out again.
    """
    request = ApprovalRequest.objects.get(pk=request_id)
    if request.decision != Decision.APPROVED:
        raise Refusal("Only what has been approved is carried out.")
    try:
        posted = KINDS[request.kind].work(
            _instruction(request), request.payload, _checker(request, actor)
        )
    except (RequestInProgress, Unavailable):
        raise
    except Refusal as refusal:
        return _finish(request_id, Decision.VOID, outcome=refusal.detail[:500])
    transaction_id = posted.transaction.id
    return _finish(request_id, Decision.DONE, transaction_id=transaction_id)


def _decidable(request_id: UUID, actor: Actor) -> ApprovalRequest:
    request = _locked(request_id)
    if request.decision != Decision.PENDING:
        raise Refusal(f"The request has been decided: it is {request.decision}.")
    if request.maker_id == actor.staff_id:
        raise Refusal("Somebody else has to decide what you asked for.")
    return request


def _decide(
    request: ApprovalRequest, decision: Decision, actor: Actor, now: datetime
) -> None:
    request.decision = decision
    request.checker_id = actor.staff_id
    request.decided_at = now
    request.decision_reason = actor.reason
    request.save(update_fields=["decision", "checker", "decided_at", "decision_reason"])


def _finish(request_id: UUID, decision: Decision, **outcome: Any) -> ApprovalRequest:
    with db_transaction.atomic(durable=True):
        request = _locked(request_id)
        if request.decision == Decision.APPROVED:
            request.decision = decision
            for field, value in outcome.items():
                setattr(request, field, value)
            request.save(update_fields=["decision", *outcome])
    return request


def _locked(request_id: UUID) -> ApprovalRequest:
    rows = ApprovalRequest.objects.select_for_update(no_key=True)
    request: ApprovalRequest = rows.get(pk=request_id)
    return request


def _checker(request: ApprovalRequest, actor: Actor) -> Actor:
    """Whoever approved answers for it, also when another carries it out again."""
    return Actor(request.checker_id, request.reason, actor.address)


def _instruction(request: ApprovalRequest) -> Instruction:
    assert request.checker_id is not None, "an approved request has a checker"
    return Instruction(
        principal_id=request.checker_id,
        staff_id=request.checker_id,
        idempotency_key=f"approval-{request.pk}",
        fingerprint=bytes(request.digest),
        expected_version=_version(request.payload),
        description=request.reason,
        metadata={
            "approval_request": str(request.pk),
            "requested_by": str(request.maker_id),
        },
    )


def _version(payload: Mapping[str, Any]) -> int | None:
    """At which version the wallet has to be: a change in between voids the request."""
    return payload.get("expected_version")


def _record(actor: Actor, kind: str, request: ApprovalRequest) -> None:
    record_act(
        actor,
        kind,
        request,
        customer_id=request.customer_id,
        after={"kind": request.kind} | request.payload,
    )
