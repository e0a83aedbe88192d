"""What every way of moving money has around it: one transaction, retried when the
database asks for it, and one definite answer per idempotency key.

The order matters. The money and its key are written together, so a crash never
separates them. A refusal is written under its key after the attempt was rolled back,
and told only when it is there; whichever of two twins writes the key first has decided
for both. So a client who was told "no" is never surprised by a late "yes".
"""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import psycopg
from django.db import IntegrityError, InternalError, OperationalError, connection
from django.db import transaction as db_transaction

from paymentprocessor import failpoints, pool
from paymentprocessor.api.errors import (
    OutcomeUnknown,
    Refusal,
    RequestInProgress,
    Unavailable,
)
from paymentprocessor.database.commit_along import CommitAlong
from transactions.batches import BatchPosted, told
from transactions.errors import (
    AlreadyReversed,
    DuplicateReference,
    IdempotencyKeyReused,
    RememberedRefusal,
)
from transactions.models import IdempotencyKey
from transactions.postings import Held, Instruction, Posted
from transactions.queries import batch_posted, held, posted_transaction
from users.acting import acting_by

_ATTEMPTS = 4
_RETRIED = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)

logger = logging.getLogger(__name__)
_Params = ParamSpec("_Params")
# What came of a movement: a transaction, a hold that was placed or voided, or a batch.
_Outcome = TypeVar("_Outcome", Posted, Held, BatchPosted)
_Done = TypeVar("_Done")


def moves_money(
    service: Callable[Concatenate[Instruction, _Params], _Outcome],
) -> Callable[Concatenate[Instruction, _Params], _Outcome]:
    """Make a service open its transaction and keep the promises above.

    The service's first argument is the instruction. It runs from its beginning again
    when the database asks for that, so it does nothing but read and post.
    """

    @wraps(service)
    def run(
        instruction: Instruction, /, *args: _Params.args, **kwargs: _Params.kwargs
    ) -> _Outcome:
        if instruction.preview:
            # Neither answered from a key nor kept under one.
            instruction = replace(instruction, idempotency_key=None)
        block = partial(CommitAlong, keep=not instruction.preview)
        return settled(
            instruction,
            lambda: attempted(lambda: service(instruction, *args, **kwargs), block),
        )

    return run


def settled(instruction: Instruction, attempt: Callable[[], _Done]) -> _Done:
    """What the attempt comes to, or was told before under the same key.

    :raises Refusal: the definite one.
    """
    with acting_by(instruction.api_key_id) as acting:
        try:
            return attempt()
        except (Refusal, IntegrityError, OperationalError) as failure:
            refusal = _as_refusal(failure, instruction)
            # Nobody is told anything by a key that has ended, before the locks or
            # after them.
            acting.make_sure()
            return cast("_Done", _definite_answer(instruction, refusal))


def attempted(work: Callable[[], _Done], a_block: Callable[[], CommitAlong]) -> _Done:
    """Do the work in a transaction of its own, at most four times.

    What is not to be kept is written all the same, so that it passes every check of the
    database, and then rolled back.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        block, connected = a_block(), False
        try:
            with block:
                connected = True
                outcome = work()
        except (OperationalError, InternalError) as failure:
            # Without a connection to begin with there is nothing to repeat: the
            # pool has waited for one long enough.
            lost = connected and pool.is_of_the_connection(failure)
            if block.is_committing and lost:
                # COMMIT was sent and no answer came: it may or may not have happened.
                raise OutcomeUnknown(
                    "The database went away while committing. Repeat the request "
                    "under the same Idempotency-Key to learn what became of it; "
                    "without a key, look for the transaction before you repeat it."
                ) from failure
            retried = lost or isinstance(failure.__cause__, _RETRIED)
            if not retried or attempt == _ATTEMPTS:
                raise
            logger.warning("attempt %d failed, trying again: %s", attempt, failure)
            if lost:
                pool.drop_broken()
        else:
            failpoints.reach("after_commit")
            return outcome
    raise AssertionError("the loop returns or raises")


def _as_refusal(failure: Exception, instruction: Instruction) -> Refusal:
    """What was refused; a failure that is no refusal is raised again."""
    match failure:
        case OutcomeUnknown():
            # Not to be looked up: a commit that is still on its way is not there yet.
            raise failure
        case Refusal():
            return failure
        case IntegrityError():
            return _of_clash(failure, instruction)
    if not isinstance(failure.__cause__, psycopg.errors.LockNotAvailable):
        raise failure
    return RequestInProgress("Another request holds this wallet or this key.")


def _of_clash(clash: IntegrityError, instruction: Instruction) -> Refusal:
    """The refusal behind a unique constraint; what is none of ours is a defect."""
    match broke(clash):
        case "transactions_reference_unique_per_owner":
            return DuplicateReference(instruction.reference)
        case "transactions_hold_reference_unique_per_owner":
            return DuplicateReference(instruction.reference, of="hold")
        case "transactions_reference_unique_of_the_house":
            return DuplicateReference(instruction.reference, "The house")
        case "transactions_reversed_once":
            return AlreadyReversed()
        case "transactions_idempotencykey_pkey":
            return RequestInProgress("Another request has just used this key.")
    raise clash


def broke(clash: IntegrityError) -> str | None:
    """The unique constraint that was broken; None for another kind."""
    cause = clash.__cause__
    if isinstance(cause, psycopg.errors.UniqueViolation):
        return cause.diag.constraint_name
    return None


def _definite_answer(
    instruction: Instruction, refusal: Refusal
) -> Posted | Held | BatchPosted:
    """The definite answer for a request that was refused just now.

    What the key was told before, if anything, which is of the request's own kind, since
    the fingerprint is of its path, too. Otherwise this refusal, which is kept first
    when it depends on the state of the books: tomorrow they may allow what they refuse
    today, and a twin of this request may still be on its way.

    :raises Refusal: when the answer is no.
    """
    if instruction.idempotency_key is None:
        raise refusal
    remembered = _remember(instruction, refusal)
    if remembered is None:
        raise refusal
    if bytes(remembered.fingerprint) != instruction.fingerprint:
        raise IdempotencyKeyReused from None
    if remembered.transaction_id is not None:
        return posted_transaction(remembered.transaction_id, replayed=True)
    if remembered.hold_id is not None:
        return held(remembered.hold_id, replayed=True)
    if remembered.batch_id is not None:
        return batch_posted(remembered.batch_id, replayed=True)
    assert remembered.refusal is not None, "a key has one outcome"
    raise RememberedRefusal(**remembered.refusal) from None


def _remember(instruction: Instruction, refusal: Refusal) -> IdempotencyKey | None:
    """Keep the refusal under the key, unless the key has an answer: then that one."""
    key = {"principal_id": instruction.principal_id, "key": instruction.idempotency_key}
    undecided = isinstance(refusal, RequestInProgress | Unavailable)
    if undecided or not refusal.depends_on_state:
        return IdempotencyKey.objects.filter(**key).first()
    answer = told(refusal)
    failpoints.reach("before_refusal")
    try:
        with db_transaction.atomic(durable=True):
            kept = _insert_unless_there(instruction, answer)
    except OperationalError as failure:
        if isinstance(failure.__cause__, psycopg.errors.LockNotAvailable):
            raise RequestInProgress(
                "A request under this key is still running."
            ) from None
        raise
    failpoints.reach("after_refusal")
    return None if kept else IdempotencyKey.objects.get(**key)


def _insert_unless_there(instruction: Instruction, answer: dict[str, Any]) -> bool:
    """Whether the answer was written; it waits for a twin that is writing its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO transactions_idempotencykey"
            " (principal_id, key, fingerprint, refusal, created_at)"
            " VALUES (%s, %s, %s, %s, statement_timestamp()) ON CONFLICT DO NOTHING",
            [
                instruction.principal_id,
                instruction.idempotency_key,
                instruction.fingerprint,
                json.dumps(answer),
            ],
        )
        return bool(cursor.rowcount)
