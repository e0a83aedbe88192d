"""What was approved is done, once however often it is asked for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction as db_transaction

from backoffice.approval_kinds import KINDS, Change, Movement
from backoffice.models import ApprovalRequest, Decision
from backoffice.refusals import in_words
from fx.providers.observation import CLOCK_SKEW
from paymentprocessor.api.errors import Refusal, RequestInProgress, Unavailable
from transactions.models import Transaction
from transactions.postings import Instruction
from users.acts import Actor


def carry_out_approved(
    request_id: UUID, *, actor: Actor, now: datetime
) -> ApprovalRequest:
    """Do what was approved, in its checker's name.

    Money moves under the request's own idempotency key, and its transaction bears the
    key for good; what is set, is set in the transaction that ends the request. So a
    process may die anywhere, and nothing is done twice. What cannot be done, since
    things have changed meanwhile, voids it.

    :raises Refusal: it has not been approved, or it cannot be told now what becomes of
        it: then it stays approved, to be carried out again.
    """
    request = ApprovalRequest.objects.get(pk=request_id)
    if request.decision != Decision.APPROVED:
        raise Refusal("Only what has been approved is carried out.")
    checker = _checker(request, actor)
    try:
        match KINDS[request.kind]:
            case Change() as change:
                return _change(change, request_id, checker, now)
            case Movement() as movement:
                if moved := _moved_by(request):
                    return _finish(request_id, Decision.DONE, transaction_id=moved)
                posted = movement.move(
                    _instruction(request), request.payload, actor=checker, now=now
                )
    except (RequestInProgress, Unavailable):
        raise
    except Refusal as refusal:
        return _finish(request_id, Decision.VOID, outcome=in_words(refusal)[:500])
    return _finish(request_id, Decision.DONE, transaction_id=posted.transaction.id)


def _moved_by(request: ApprovalRequest) -> UUID | None:
    """The transaction that it led to before a process died.

    The key may have been pruned since then, and the books may refuse it a second time.
    Looked for among all that was recorded since the decision, by whichever clock.
    """
    assert request.decided_at is not None, "an approved request was decided"
    moved = Transaction.objects.filter(
        staff_id=request.checker_id,
        idempotency_key=_key(request),
        recorded_at__gte=request.decided_at - CLOCK_SKEW,
    )
    return moved.order_by("recorded_at").values_list("pk", flat=True).first()


def _change(
    change: Change, request_id: UUID, checker: Actor, now: datetime
) -> ApprovalRequest:
    """Do it and end the request, or neither."""
    with db_transaction.atomic(durable=True):
        request = ApprovalRequest.locked(request_id)
        if request.decision == Decision.APPROVED:
            if now >= request.expires_at:
                # Nothing was done, or it would have ended; and by now nobody knows
                # whether they would still agree.
                raise Refusal("It expired before it was done.")
            change.carry_out(request.payload, actor=checker, now=now)
            request.decision = Decision.DONE
            request.save(update_fields=["decision"])
    return request


def _finish(request_id: UUID, decision: Decision, **outcome: Any) -> ApprovalRequest:
    with db_transaction.atomic(durable=True):
        request = ApprovalRequest.locked(request_id)
        if request.decision == Decision.APPROVED:
            request.decision = decision
            for field, value in outcome.items():
                setattr(request, field, value)
            request.save(update_fields=["decision", *outcome])
    return request


def _checker(request: ApprovalRequest, actor: Actor) -> Actor:
    """Whoever approved answers for it, also when another carries it out again."""
    return Actor(request.checker_id, request.reason, actor.address, request.pk)


def _instruction(request: ApprovalRequest) -> Instruction:
    assert request.checker_id is not None, "an approved request has a checker"
    return Instruction(
        principal_id=request.checker_id,
        staff_id=request.checker_id,
        idempotency_key=_key(request),
        fingerprint=bytes(request.digest),
        description=request.reason,
        metadata={
            "approval_request": str(request.pk),
            "requested_by": str(request.maker_id),
        },
    )


def _key(request: ApprovalRequest) -> str:
    return f"approval-{request.pk}"
