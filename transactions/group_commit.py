"""Orders of the same moment, carried out in one transaction of the database.

To lock, to write and to commit costs PostgreSQL nearly as much for one movement as for
eight. So the orders that reach this process while others are on their way to the
database go there together next, each with its own key, checks and answer.

That is for what goes well. An order is carried out by itself if others have locked its
wallets for longer than a moment, if it wants one that is not there, or if its limits
have a past to catch up with. So are all of them if the database refuses what one had in
it, such as a key that was used before. A refusal is told after the others were
committed, since it may be due to what they moved.
"""

from collections.abc import Callable, Mapping, Sequence
from contextvars import Context, copy_context
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.db import DatabaseError, InternalError, OperationalError
from django.utils import timezone
from psycopg.errors import LockNotAvailable
from rest_framework.exceptions import AuthenticationFailed

from paymentprocessor import failpoints, pool
from paymentprocessor.api.errors import OutcomeUnknown, Refusal
from paymentprocessor.combining import Combiner
from paymentprocessor.database.commit_along import CommitAlong
from transactions.bookings import Bookings, Expected
from transactions.drafts import Order
from transactions.limits import MustCatchUp
from transactions.movement import attempted, moves_money, settled
from transactions.postings import Instruction, Posted
from users.acting import HoldingKeys, acting_key
from wallets.locking import Claim, Place, lock_for, lock_wallets
from wallets.models import Wallet

# As many as one statement writes in far less than anybody waits for.
_MOST = 64
# How long those are waited for who took part a moment ago; less than a commit takes.
_PATIENCE_MS = 1


def carry_out(
    instruction: Instruction, order: Order, *, now: datetime | None = None
) -> Posted:
    """Carry out one order, along with others of this moment if there are any.

    :raises Refusal: what the order is refused for.
    """
    now = now or timezone.now()
    if not instruction.preview:
        posted = settled(instruction, lambda: _along(instruction, order, now))
        if posted is not None:
            return posted
    return _by_itself(instruction, order, now)


@moves_money
def _by_itself(instruction: Instruction, order: Order, now: datetime) -> Posted:
    """With all that it takes: it waits for wallets, and opens those there are not."""
    wallets = lock_wallets(*order.claims())
    bookings = Bookings([Expected(order, wallets[0])], now=now)
    posted = bookings.enter(order, instruction, wallets)
    bookings.finish()
    return posted


class _Member(NamedTuple):
    """Somebody's order; the context knows whose key acts, and in which request."""

    instruction: Instruction
    order: Order
    claims: Sequence[Claim]
    now: datetime
    context: Context


# None where it is to be carried out by itself.
_Outcome = Posted | Exception | None


class _OneByOne(Exception):
    """Something is wrong with one of them."""


class _StillLocked(Exception):
    """Somebody else has one of the wallets."""


class _NothingBooked(Exception):
    """So there is nothing to commit; `outcomes` are as final as if there were."""

    def __init__(self, outcomes: Sequence[_Outcome]) -> None:
        self.outcomes = outcomes


def _along(instruction: Instruction, order: Order, now: datetime) -> Posted | None:
    """What came of it in a group; None if it is to be carried out by itself."""
    member = _Member(instruction, order, order.claims(), now, copy_context())
    outcome = _groups.ask(member)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _carry_out_all(members: Sequence[_Member]) -> Sequence[_Outcome]:
    blocks: list[CommitAlong] = []

    def a_block() -> CommitAlong:
        blocks.append(CommitAlong(keep=True, hurries=True))
        return blocks[-1]

    try:
        return _carry_out_together(members, a_block)
    except _NothingBooked as nothing:
        return nothing.outcomes
    except Exception as failure:
        if len(members) == 1 and not _goes_on_alone(failure):
            raise
        everybodys = _everybodys(failure, has_committed=blocks[-1].is_committing)
        if everybodys is None:
            return [None] * len(members)
        return [_for_another_thread(everybodys) for _ in members]


_groups = Combiner(_carry_out_all, most=_MOST, patience_ms=_PATIENCE_MS)


def _goes_on_alone(failure: Exception) -> bool:
    """Whether one order by itself might fare better, with more patience."""
    was_hurried = isinstance(failure.__cause__, LockNotAvailable)
    return was_hurried or isinstance(failure, _OneByOne)


def _everybodys(failure: Exception, *, has_committed: bool) -> Exception | None:
    """What failed for all of them; None where each may try it by itself."""
    match failure:
        case OutcomeUnknown():
            return failure
        case OperationalError() | InternalError() if pool.is_of_the_connection(failure):
            return failure
        case DatabaseError():
            # The server's word, and also what it says of COMMIT: nothing was kept.
            return None
    if not has_committed:
        return None
    unknown = OutcomeUnknown("Something failed after COMMIT. Repeat the request.")
    unknown.__cause__ = failure
    return unknown


def _carry_out_together(
    members: Sequence[_Member], a_block: Callable[[], CommitAlong]
) -> Sequence[_Outcome]:
    """Wait for their wallets a little; then do without those that are still locked."""
    try:
        return attempted(partial(_book_all, members), a_block)
    except _StillLocked:
        return attempted(partial(_book_all, members, skip_locked=True), a_block)


def _book_all(
    members: Sequence[_Member], *, skip_locked: bool = False
) -> Sequence[_Outcome]:
    locked, holding = _lock_all(members, skip_locked=skip_locked)
    pairs = [(each, _at_hand(each.claims, locked)) for each in members]
    bookings = Bookings(
        [Expected(each.order, wallets[0]) for each, wallets in pairs if wallets],
        now=max(each.now for each in members),
        catches_up=False,
    )
    outcomes = [
        each.context.run(_enter, bookings, each, wallets, holding) if wallets else None
        for each, wallets in pairs
    ]
    if not any(isinstance(outcome, Posted) for outcome in outcomes):
        raise _NothingBooked(outcomes)
    bookings.finish()
    return outcomes


def _lock_all(
    members: Sequence[_Member], *, skip_locked: bool
) -> tuple[Mapping[Place, Wallet], HoldingKeys]:
    places = dict.fromkeys(claim.place for each in members for claim in each.claims)
    key_ids = {each.instruction.api_key_id for each in members}
    try:
        locked, holding = lock_for(key_ids, places, skip_locked=skip_locked)
    except OperationalError as failure:
        if isinstance(failure.__cause__, LockNotAvailable):
            raise _StillLocked from failure
        raise
    failpoints.reach("after_lock")
    return locked, holding


def _at_hand(
    claims: Sequence[Claim], locked: Mapping[Place, Wallet]
) -> Sequence[Wallet]:
    """What is claimed, in that order; nothing unless it is all there."""
    wallets = [locked[claim.place] for claim in claims if claim.place in locked]
    return wallets if len(wallets) == len(claims) else []


def _enter(
    bookings: Bookings,
    member: _Member,
    wallets: Sequence[Wallet],
    holding: HoldingKeys,
) -> _Outcome:
    try:
        acting_key().confirm(holding)
        return bookings.enter(member.order, member.instruction, wallets)
    except (Refusal, AuthenticationFailed) as refusal:
        return refusal
    except MustCatchUp:
        return None
    except Exception as defect:
        raise _OneByOne from defect


def _for_another_thread(failure: Exception) -> Exception:
    """The same: an exception is raised in one thread only."""
    copied = type(failure)(*failure.args)
    copied.__cause__ = failure.__cause__
    return copied
