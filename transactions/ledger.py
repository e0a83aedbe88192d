"""The ledger: the only code that writes transactions, entries and balances.

It always writes both sides, all of it in one statement, and PostgreSQL refuses what
does not balance. Everything else decides *which* lines to post.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from uuid import UUID

from django.db import connection
from uuid_utils.compat import uuid7

from fx.errors import AmountTooLarge
from fx.models import Currency
from fx.money import EXACT, MAX_AMOUNT, Denomination
from paymentprocessor import failpoints
from paymentprocessor.api.middleware import current_request_id
from paymentprocessor.database.prepared import Statement
from paymentprocessor.database.round_trip import Row
from paymentprocessor.database.rows import unsaved
from transactions.checks import check_moves
from transactions.errors import InsufficientFunds
from transactions.limits import LimitBook, Ordered, Weight, operation
from transactions.models import Entry, Side, Transaction, TransactionType
from transactions.postings import HouseAccount, Line, Posted, Posting
from transactions.rows import as_json, rows_of
from wallets.models import Wallet, house_account_id

_POST = (Path(__file__).parent / "sql" / "post.sql").read_text()
_ZERO = Decimal(0)

Entered = tuple[Posting, Posted]
# And what waits until it is, for the ids and instants.
BeingWritten = tuple[Sequence[Entered], Callable[[], Sequence[Row]]]


def post(posting: Posting, *, last: bool = False) -> Posted:
    """Book one transaction; see `post_all`."""
    return post_all([posting], last=last)[0]


def post_all(postings: Sequence[Posting], *, last: bool = False) -> list[Posted]:
    """Check and write the postings in their order, all of them or none.

    Those that are parts are tied to the last one. Needs what a `Page` needs, and
    raises what it raises. A service that writes and reads nothing afterwards says that
    this is the `last`, and COMMIT goes along (see `CommitAlong`).
    """
    ordered = [counts.ordered for each in postings if (counts := operation(each))]
    page = Page(ordered)
    booked = _with_parts(postings, [page.enter(posting) for posting in postings])
    page.write(last=last)
    return booked


class Page:
    """Postings that are entered one by one, and written together.

    Needs a transaction in which the customers' wallets were locked; each wallet must be
    one and the same object in all lines that name it, since a later posting may spend
    what an earlier one brought. A capture comes with its hold as it is to be afterwards
    (see `reserve.capture`), whose wallet is that object, too. `ordered` is whatever
    limits may be asked for: more than what is entered in the end does no harm. All of
    it is of the batch with `batch_id`, if there is one. For `catches_up` see
    `LimitBook`.
    """

    def __init__(
        self,
        ordered: Iterable[Ordered],
        *,
        batch_id: UUID | None = None,
        catches_up: bool = True,
    ) -> None:
        assert connection.in_atomic_block, "the ledger writes inside a transaction only"
        self._limits = LimitBook(ordered, catches_up=catches_up)
        self._batch_id = batch_id
        self._entered: list[Entered] = []
        self._being_written: BeingWritten | None = None

    def enter(self, posting: Posting) -> Posted:
        """Check a posting and book it on the wallets in memory.

        What is refused leaves no trace.

        :raises WalletFrozen, UnsupportedCurrency: a wallet does not move now.
        :raises InsufficientFunds, AmountTooLarge: a balance would leave its bounds.
        :raises LimitExceeded, RateUnavailable: a customer may not move that much, or it
            cannot be told whether they may.
        """
        _check(posting.lines)
        weights = self._check_limits(posting)
        posted = _book(posting, self._batch_id)
        self._limits.count(weights, posted.transaction.id)
        self._entered.append((posting, posted))
        return posted

    def write(self, *, last: bool = False) -> None:
        """Write what was entered since the last time, if anything, in one statement."""
        self.finish_writing()
        if self._entered:
            statement, texts = self._to_write()
            _keep_instants(self._entered, statement.rows(texts, last=last))
        self._entered = []
        if not last:
            failpoints.reach("after_write")

    def start_writing(self) -> None:
        """Have it written while the next ones are entered; until `finish_writing`.

        Needs a `CommitAlong` around. What goes wrong is told to whoever waits for it:
        that, the next one, or another query in between.
        """
        if self._entered:
            statement, texts = self._to_write()
            self.finish_writing()
            self._being_written = self._entered, statement.start(texts)
        self._entered = []
        failpoints.reach("after_write")

    def finish_writing(self) -> None:
        """Wait for what is being written."""
        if self._being_written:
            entered, rows = self._being_written
            self._being_written = None
            _keep_instants(entered, rows())

    def _to_write(self) -> tuple[Statement, dict[str, str]]:
        """The statement that writes what was entered, and its parameters."""
        rows = rows_of(self._entered) | self._limits.take_counted()._asdict()
        texts = {name: as_json(some) for name, some in rows.items() if some}
        return _writing(*texts), texts

    def _check_limits(self, posting: Posting) -> list[Weight]:
        if not self._limits.has_rules:
            return []
        counts = operation(posting)
        if counts is None:
            return []
        # A capture was promised when it was held.
        if posting.type != TransactionType.CAPTURE:
            self._limits.check(counts)
        return self._limits.weigh(counts)


def _check(lines: Iterable[Line]) -> None:
    """Say in words what the database would refuse with a constraint's name."""
    # One object per wallet, and by its number: a model's own hash costs more.
    debits: dict[int, tuple[Wallet, Decimal]] = {}
    credits: dict[int, tuple[Wallet, Decimal]] = {}
    for line in lines:
        wallet = line.account
        if isinstance(wallet, Wallet):
            check_moves(wallet)
            side = debits if line.side == Side.DEBIT else credits
            _, before = side.get(id(wallet), (wallet, _ZERO))
            side[id(wallet)] = wallet, EXACT.add(before, line.money.amount)
    for wallet, amount in debits.values():
        if amount > wallet.available:
            raise InsufficientFunds(wallet, wallet.available, amount)
    for wallet, amount in credits.values():
        if EXACT.add(wallet.balance, amount) > MAX_AMOUNT:
            raise AmountTooLarge(f"The wallet cannot hold more than {MAX_AMOUNT}.")


def _book(posting: Posting, batch_id: UUID | None) -> Posted:
    """The rows of a posting, as they will be written; nothing is written here."""
    instruction = posting.instruction
    transaction = unsaved(
        Transaction,
        {
            "id": uuid7(),
            "type": posting.type,
            "owner_id": posting.owner_id,
            "api_key_id": instruction.api_key_id,
            "staff_id": instruction.staff_id,
            "reference": instruction.reference,
            "description": instruction.description,
            "metadata": instruction.metadata,
            "idempotency_key": instruction.idempotency_key,
            "batch_id": batch_id,
            "request_id": current_request_id(),
            "fee": posting.fee.amount if posting.fee else _ZERO,
            "reverses_id": posting.reverses_id,
            "refunds_id": posting.refunds_id,
            "part_of_id": None,
            "hold_id": posting.hold.id if posting.hold else None,
        },
        **({"hold": posting.hold} if posting.hold else {}),
    )
    entries = [
        _entry(transaction, number, line)
        for number, line in enumerate(posting.lines, start=1)
    ]
    if posting.conversion is not None:
        posting.conversion.transaction_id = transaction.id
    return Posted(transaction, entries, posting.conversion)


def _entry(transaction: Transaction, number: int, line: Line) -> Entry:
    wallet, balance_after, wallet_version = _moved(line)
    return unsaved(
        Entry,
        {
            "transaction_id": transaction.id,
            "line": number,
            "wallet_id": wallet.id,
            "side": line.side,
            "amount": line.money.amount,
            "currency": line.money.currency.code,
            "balance_after": balance_after,
            "wallet_version": wallet_version,
        },
        transaction=transaction,
        wallet=wallet,
    )


def _moved(line: Line) -> tuple[Wallet, Decimal | None, int | None]:
    """The wallet of a line, and where the line leaves it; the house's stay as is."""
    wallet = line.account
    if isinstance(wallet, HouseAccount):
        return _house_wallet(wallet.purpose, line.money.currency), None, None
    # A customer's wallet is what we owe: credits add to it, debits take from it.
    move = EXACT.add if line.side == Side.CREDIT else EXACT.subtract
    wallet.balance = move(wallet.balance, line.money.amount)
    wallet.version += 1
    return wallet, wallet.balance, wallet.version


@cache
def _house_wallet(purpose: str, unit: Denomination) -> Wallet:
    return Wallet(
        id=house_account_id(purpose, unit.code),
        purpose=purpose,
        currency=Currency(code=unit.code, exponent=unit.exponent),
    )


def _keep_instants(entered: Iterable[Entered], rows: Iterable[Row]) -> None:
    """When they were written, as the statement that wrote them tells."""
    written = {id_: instants for id_, *instants in rows}
    for _, posted in entered:
        transaction = posted.transaction
        transaction.effective_at, transaction.recorded_at = written[transaction.id]
        for entry in posted.entries:
            entry.recorded_at = transaction.recorded_at


@cache
def _writing(*names: str) -> Statement:
    """The statement that writes rows of these names, and of no others.

    To open a table with its indexes and checks costs PostgreSQL as much as to write a
    row there, and most movements need half of those that there are.
    """
    head, _, rest = _POST.partition("WITH\n")
    parts, _, told = rest.rpartition("\n)\n")
    needed = [part for part in parts.split("\n),\n") if _name(part) in names]
    separated = "\n),\n".join(needed)
    return Statement(f"{head}WITH\n{separated}\n)\n{told}")


def _name(part: str) -> str:
    """Which rows a part of the statement writes: its only parameter."""
    name: str
    [name] = re.findall(r"%\((\w+)\)s", part)
    return name


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
