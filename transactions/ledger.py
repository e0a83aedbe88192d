"""The ledger: the only code that writes transactions, entries and balances.

It always writes both sides, all of it in one statement, and PostgreSQL refuses what
does not balance. Everything else decides *which* lines to post.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from uuid_utils.compat import uuid7

from fx.errors import AmountTooLarge
from fx.models import Currency
from fx.money import EXACT, MAX_AMOUNT
from paymentprocessor import failpoints
from paymentprocessor.api.middleware import current_request_id
from paymentprocessor.database.prepared import prepared_cursor
from transactions import limits
from transactions.checks import check_moves
from transactions.errors import InsufficientFunds
from transactions.limits import Counted
from transactions.models import Conversion, Entry, Hold, Side, Transaction
from transactions.postings import Line, Posted, Posting
from wallets.models import Wallet

_SQL = Path(__file__).parent / "sql"
_POST = (_SQL / "post.sql").read_text()
# The same statement, and the counting with it: no further round trip, and no cost where
# nothing is limited.
_POST_AND_COUNT = _POST.replace(
    "WITH\n", f"WITH\n{(_SQL / 'count_uses.sql').read_text()}", 1
)


def post(posting: Posting) -> Posted:
    """Book one transaction; see `post_all`."""
    return post_all([posting])[0]


def post_all(postings: Sequence[Posting]) -> list[Posted]:
    """Check and write the postings in their order, all of them or none.

    Needs a transaction in which the customers' wallets were locked; each wallet must be
    one and the same object in all lines that name it, since a later posting may spend
    what an earlier one brought. A capture comes with its hold as it is to be afterwards
    (see `reserve.capture`), whose wallet is that object, too.

    :raises WalletFrozen, UnsupportedCurrency: a wallet does not move now.
    :raises InsufficientFunds, AmountTooLarge: a balance would leave its bounds.
    :raises LimitExceeded, RateUnavailable: a customer may not move that much, or it
        cannot be told whether they may.
    """
    assert connection.in_atomic_block, "the ledger writes inside a transaction only"
    booked = _with_parts(postings, [_book(posting) for posting in postings])
    _write(postings, booked, limits.count(postings, booked))
    failpoints.reach("after_write")
    return booked


def _book(posting: Posting) -> Posted:
    """The rows of a posting, as they will be written; nothing is written here."""
    _check(posting.lines)
    instruction = posting.instruction
    transaction = Transaction(
        id=uuid7(),
        type=posting.type,
        owner_id=posting.owner_id,
        api_key_id=instruction.api_key_id,
        staff_id=instruction.staff_id,
        reference=instruction.reference,
        description=instruction.description,
        metadata=instruction.metadata,
        idempotency_key=instruction.idempotency_key,
        fee=posting.fee.amount if posting.fee else Decimal(0),
        reverses_id=posting.reverses_id,
        refunds_id=posting.refunds_id,
        hold=posting.hold,
    )
    entries = [
        _entry(transaction, number, line)
        for number, line in enumerate(posting.lines, start=1)
    ]
    if posting.conversion is not None:
        posting.conversion.transaction_id = transaction.id
    return Posted(transaction, entries, posting.conversion)


def _with_parts(postings: Sequence[Posting], booked: list[Posted]) -> list[Posted]:
    """Tie the parts to the last transaction, whose id is the newest of all."""
    pairs = zip(postings, booked, strict=True)
    parts = [posted for posting, posted in pairs if posting.is_part]
    if not parts:
        return booked
    whole = booked[-1]
    for part in parts:
        part.transaction.part_of_id = whole.transaction.id
    return [*booked[:-1], replace(whole, parts=parts)]


def _check(lines: Iterable[Line]) -> None:
    """Say in words what the database would refuse with a constraint's name."""
    taken: dict[Wallet, Decimal] = {}
    for line in lines:
        wallet = line.account
        if not isinstance(wallet, Wallet):
            continue
        check_moves(wallet)
        if line.side == Side.DEBIT:
            before = taken.get(wallet, Decimal(0))
            taken[wallet] = EXACT.add(before, line.money.amount)
    for wallet, required in taken.items():
        if required > wallet.available:
            raise InsufficientFunds(wallet, wallet.available, required)


def _entry(transaction: Transaction, number: int, line: Line) -> Entry:
    entry = Entry(
        transaction=transaction,
        line=number,
        side=line.side,
        amount=line.money.amount,
        currency=line.money.currency.code,
    )
    if not isinstance(line.account, Wallet):
        unit = line.money.currency
        entry.wallet = Wallet(
            id=line.wallet_id,
            purpose=line.account.purpose,
            currency=Currency(code=unit.code, exponent=unit.exponent),
        )
        return entry

    wallet = line.account
    # A customer's wallet is what we owe: credits add to it, debits take from it.
    move = EXACT.add if line.side == Side.CREDIT else EXACT.subtract
    wallet.balance = move(wallet.balance, line.money.amount)
    if wallet.balance > MAX_AMOUNT:
        raise AmountTooLarge(f"The wallet cannot hold more than {MAX_AMOUNT}.")
    wallet.version += 1
    entry.wallet = wallet
    entry.balance_after = wallet.balance
    entry.wallet_version = wallet.version
    return entry


def _write(
    postings: Sequence[Posting], booked: Sequence[Posted], counted: Counted
) -> None:
    rows = _rows(postings, booked)
    if counted.uses:
        rows |= {"uses": counted.uses, "series": counted.series}
    with prepared_cursor() as cursor:
        # Numbers and ids travel as text, which PostgreSQL reads exactly.
        cursor.execute(
            _POST_AND_COUNT if counted.uses else _POST,
            {name: json.dumps(rows[name], default=str) for name in rows},
        )
        written = {id_: instants for id_, *instants in cursor.fetchall()}
    for posted in booked:
        transaction = posted.transaction
        transaction.effective_at, transaction.recorded_at = written[transaction.id]
        for entry in posted.entries:
            entry.recorded_at = transaction.recorded_at


def _rows(
    postings: Sequence[Posting], booked: Sequence[Posted]
) -> dict[str, list[dict[str, Any]]]:
    """What `post.sql` writes, by the name of the parameter."""
    wallets = {
        line.account.id: line.account
        for posting in postings
        for line in posting.lines
        if isinstance(line.account, Wallet)
    }
    keys = [_key_row(*pair) for pair in zip(postings, booked, strict=True)]
    return {
        "keys": [row for row in keys if row["key"] is not None],
        "transactions": [_row(posted.transaction) for posted in booked],
        "conversions": [_row(p.conversion) for p in booked if p.conversion],
        "entries": [_row(entry) for posted in booked for entry in posted.entries],
        "balances": [
            {
                "wallet_id": w.id,
                "balance": w.balance,
                "held": w.held,
                "version": w.version,
            }
            for w in wallets.values()
        ],
        "holds": [_hold_row(p.hold) for p in postings if p.hold is not None],
        "events": [event for posted in booked for event in _event_rows(posted)],
    }


def _row(instance: Transaction | Conversion | Entry) -> dict[str, Any]:
    """The columns of an unsaved row that PostgreSQL is to read."""
    return {
        field.attname: getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
        if field.attname not in ("recorded_at", "xid")
    }


def _key_row(posting: Posting, posted: Posted) -> dict[str, Any]:
    instruction = posting.instruction
    return {
        "principal_id": instruction.principal_id,
        "key": instruction.idempotency_key,
        "fingerprint": instruction.fingerprint.hex(),
        "transaction_id": posted.transaction.id,
    }


def _hold_row(hold: Hold) -> dict[str, Any]:
    return {"id": hold.id, "captured": hold.captured, "status": hold.status}


def _event_rows(posted: Posted) -> Iterator[dict[str, Any]]:
    transaction, hold = posted.transaction, posted.transaction.hold
    yield _event_row(
        transaction, type=transaction.type, reference=transaction.reference
    )
    if hold is not None:
        yield _event_row(transaction, subject=hold, status=hold.status)


def _event_row(
    transaction: Transaction, *, subject: Hold | None = None, **data: str | None
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "of_hold": subject is not None,
        "subject_id": (subject or transaction).id,
        "user_id": transaction.owner_id,
        "data": data,
        "request_id": current_request_id(),
    }
