"""What a request would do, found by doing it and rolling it back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction as db_transaction

from backoffice.approval_kinds import KINDS, Change, Facts, Movement, Payload
from backoffice.approval_kinds.limits import left_of
from fx.money import EXACT, Money
from paymentprocessor.api.errors import Refusal
from transactions.models import Entry, Side
from transactions.postings import Instruction, Posted
from transactions.queries.position_limits import positions_now
from users.acts import Actor
from wallets.models import Purpose


@dataclass(frozen=True)
class Effect:
    """What it is about, before and after; and the entries, if money would move."""

    before: Facts
    after: Facts
    entries: Sequence[Entry] = ()


def simulate(kind: str, payload: Payload, *, actor: Actor, now: datetime) -> Effect:
    """Do it as it would be done, all checks included, and roll it back.

    :raises Refusal: it could not be done now.
    """
    match KINDS[kind]:
        case Change() as change:
            return _changed(change, payload, actor, now)
        case Movement() as movement:
            preview = Instruction(
                staff_id=actor.staff_id, description=actor.reason, preview=True
            )
            return _moved(movement.move(preview, payload, actor=actor, now=now))
    raise AssertionError("a kind is a movement or a change")


def _changed(change: Change, payload: Payload, actor: Actor, now: datetime) -> Effect:
    with db_transaction.atomic(durable=True):
        change.take_turn(payload, now=now)
        change.check_bound(payload)
        before = change.look(payload, now=now)
        change.change(payload, actor=actor, now=now)
        after = change.look(payload, now=now)
        db_transaction.set_rollback(True)
    return Effect(before, after)


def _moved(posted: Posted) -> Effect:
    """The books before and after: of the customer's limits neither takes anything."""
    before, after = _positions(posted.entries)
    owner_id = posted.transaction.owner_id
    left = {}
    if owner_id is not None:
        try:
            left = dict(left_of(owner_id))
        except Refusal as refusal:
            left = {"Left of the limits": f"not known: {refusal.detail}"}
    return Effect(before | left, after | left, posted.entries)


def _positions(entries: Iterable[Entry]) -> tuple[dict[str, object], dict[str, object]]:
    """The house's positions that the entries move: before, and after them."""
    moves = [one for one in entries if one.wallet.purpose == Purpose.FX_POSITION]
    now = positions_now({entry.currency for entry in moves})
    then: dict[str, Decimal] = dict(now)
    for entry in moves:
        move = EXACT.add if entry.side == Side.CREDIT else EXACT.subtract
        then[entry.currency] = move(then[entry.currency], entry.amount)
    units = {entry.currency: entry.wallet.denomination for entry in moves}

    def told(held: dict[str, Decimal]) -> dict[str, object]:
        return {
            f"Position of the house in {code}": Money(held[code], units[code])
            for code in sorted(units)
        }

    return told(now), told(then)
