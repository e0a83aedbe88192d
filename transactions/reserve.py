"""What is held: the only code that changes it, and that writes holds.

Placing and ending a hold move no money, so they write no transaction and leave the
wallet's version alone. A capture does move money: what it takes out of a hold is
reckoned here and written by the ledger, with the entries, in one statement.

A hold's `wallet` is the locked one throughout, so that what several holds take from
one wallet adds up.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from uuid_utils.compat import uuid7

from fx.money import EXACT, Money
from paymentprocessor import failpoints
from paymentprocessor.api.middleware import current_request_id
from paymentprocessor.database.prepared import Statement
from paymentprocessor.database.round_trip import Row
from transactions import limits
from transactions.checks import check_moves
from transactions.errors import InsufficientFunds
from transactions.models import Hold, HoldStatus, TransactionType
from transactions.postings import Instruction
from transactions.rows import as_json, key_row

_SQL = Path(__file__).parent / "sql"
_PLACE = Statement((_SQL / "place_hold.sql").read_text())
_END = Statement((_SQL / "end_holds.sql").read_text())


def place(hold: Hold, instruction: Instruction) -> None:
    """Write a new hold, and hold that much more of its wallet.

    Needs a transaction in which the wallet was locked, and is the last that it does.

    :raises WalletFrozen, UnsupportedCurrency: the wallet does not move now.
    :raises InsufficientFunds: less is available than is to be held.
    :raises LimitExceeded, RateUnavailable: its capture would be too much, or it cannot
        be told whether it would.
    """
    wallet = hold.wallet
    check_moves(wallet)
    if hold.reserved > wallet.available:
        raise InsufficientFunds(wallet, wallet.available, hold.reserved)
    # Here, since what was promised is paid out whatever the limits are by then.
    limits.check(wallet, TransactionType.CAPTURE, wallet.money(hold.amount))
    wallet.held = EXACT.add(wallet.held, hold.reserved)
    [(_, hold.created_at)] = _write(
        _PLACE,
        last=True,
        keys=_key_rows(instruction, hold),
        wallets=_wallet_rows([hold]),
        events=[_event_row(hold, currency=hold.currency)],
        holds=[_row(hold)],
    )


def capture(hold: Hold, money: Money, *, final: bool) -> None:
    """Take `money` out of the hold, and with `final` end it there.

    Nothing is written: the posting that pays the money out writes the hold as well.
    """
    reserved_before = hold.reserved
    hold.captured = EXACT.add(hold.captured, money.amount)
    if final or hold.captured == hold.amount:
        hold.status = hold.status_if_ended(HoldStatus.VOIDED)
    _let_go(hold, EXACT.subtract(reserved_before, hold.reserved))


def void(hold: Hold, instruction: Instruction) -> None:
    """Give up what is left of the hold; the instruction's description is the reason."""
    hold.voided_by_key_id = instruction.api_key_id
    hold.voided_by_staff_id = instruction.staff_id
    hold.void_reason = instruction.description
    _end([hold], HoldStatus.VOIDED, keys=_key_rows(instruction, hold))


def expire(holds: Sequence[Hold]) -> None:
    """Give back what is left of holds whose time is up."""
    _end(holds, HoldStatus.EXPIRED, keys=[])


def _end(
    holds: Sequence[Hold], otherwise: HoldStatus, *, keys: list[dict[str, Any]]
) -> None:
    for hold in holds:
        reserved_before = hold.reserved
        hold.status = hold.status_if_ended(otherwise)
        _let_go(hold, reserved_before)
    voided = {"voided": otherwise == HoldStatus.VOIDED}
    ended_at: dict[UUID, datetime] = dict(
        _write(
            _END,
            keys=keys,
            wallets=_wallet_rows(holds),
            events=[_event_row(hold, status=hold.status) | voided for hold in holds],
            holds=[_row(hold) | voided for hold in holds],
        )
    )
    for hold in holds:
        hold.ended_at = ended_at[hold.id]


def _let_go(hold: Hold, amount: Decimal) -> None:
    hold.wallet.held = EXACT.subtract(hold.wallet.held, amount)


def _write(
    statement: Statement, *, last: bool = False, **rows: list[dict[str, Any]]
) -> list[Row]:
    assert connection.in_atomic_block, "holds are written inside a transaction only"
    texts = {name: as_json(rows[name]) for name in rows}
    written = statement.rows(texts, last=last)
    if not last:
        failpoints.reach("after_write")
    return written


def _key_rows(instruction: Instruction, hold: Hold) -> list[dict[str, Any]]:
    if instruction.idempotency_key is None:
        return []
    return [key_row(instruction, hold_id=hold.id)]


def _wallet_rows(holds: Iterable[Hold]) -> list[dict[str, Any]]:
    wallets = {hold.wallet.id: hold.wallet for hold in holds}
    return [{"wallet_id": w.id, "held": w.held} for w in wallets.values()]


def _event_row(hold: Hold, **data: str) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "subject_id": hold.id,
        "user_id": hold.owner_id,
        "data": data,
        "request_id": current_request_id(),
    }


def _row(hold: Hold) -> dict[str, Any]:
    """The columns that PostgreSQL is to read; instants of its own it adds itself."""
    return {
        field.attname: getattr(hold, field.attname)
        for field in hold._meta.concrete_fields
        if field.attname not in ("created_at", "ended_at")
    }
