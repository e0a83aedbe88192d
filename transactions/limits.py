"""How much customers may move: decided in the transaction of the money itself.

The ledger asks for everything that it writes, so no movement can forget to: what a
customer ordered is checked and counted here, whichever service posts it. Where a rule
cannot be decided, for want of a rate, the movement is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from fx.money import Money
from fx.policy import OPERATIONS
from transactions.headroom import Headroom, headroom
from transactions.models import Side, TransactionType
from transactions.postings import Posted, Posting
from transactions.reckoning import Reckoner
from transactions.series import Scope, Tally, lock_series, scopes_of
from wallets.limits import WINDOWS, LimitRule, applying
from wallets.models import LimitType, Wallet


class Operation(NamedTuple):
    """What counts of a movement: its principal, and whose wallet it is about.

    That is the amount without the fee: what is sold of a conversion, what is paid by a
    transfer, what is put in by a fund.
    """

    wallet: Wallet
    type: str
    money: Money

    @property
    def user_id(self) -> UUID:
        assert self.wallet.owner_id is not None, "the house has no limits"
        return self.wallet.owner_id

    @property
    def rules(self) -> list[LimitRule]:
        """Those of its type and currency, of all tiers."""
        return [rule for rule in self.wallet.limits if rule.covers(self.type)]


@dataclass
class Counted:
    """What is to be written of the series that were fed."""

    tallies: Sequence[Tally] = ()

    @property
    def uses(self) -> list[dict[str, Any]]:
        return [row for tally in self.tallies for row in tally.rows]

    @property
    def series(self) -> list[dict[str, Any]]:
        return [
            {
                "series_id": tally.series_id,
                "total_amount": tally.total.amount,
                "total_count": tally.total.count,
            }
            for tally in self.tallies
            if tally.rows
        ]


def check(wallet: Wallet, type_: str, money: Money) -> None:
    """Whether the limits leave room for one more operation; nothing is counted.

    For what is promised now and moved later: a hold asks as a `capture`. Needs a
    transaction in which the wallet was locked.

    :raises LimitExceeded, RateUnavailable:
    """
    operation = Operation(wallet, type_, money)
    _Book([operation]).check(operation)


def count(postings: Iterable[Posting], booked: Iterable[Posted]) -> Counted:
    """Check and count what customers ordered, one after the other.

    A capture is counted without a check: it was promised when it was held. Needs a
    transaction in which the wallets were locked.

    :raises LimitExceeded, RateUnavailable:
    """
    ordered = [
        (operation, posted.transaction.id)
        for posting, posted in zip(postings, booked, strict=True)
        if (operation := _operation(posting)) and operation.rules
    ]
    if not ordered:
        return Counted()
    book = _Book([operation for operation, _ in ordered])
    for operation, transaction_id in ordered:
        if operation.type != LimitType.CAPTURE:
            book.check(operation)
        book.add(operation, transaction_id)
    return Counted(list(book.tallies.values()))


def _operation(posting: Posting) -> Operation | None:
    """What of a posting counts; None for what is not a customer's order."""
    if posting.type not in OPERATIONS:
        return None
    arrives = posting.type == TransactionType.FUND
    [(wallet, money)] = [
        (line.account, line.money)
        for line in posting.lines
        if isinstance(line.account, Wallet)
        and line.account.owner_id == posting.owner_id
        and line.side == (Side.CREDIT if arrives else Side.DEBIT)
    ]
    if posting.fee is not None:
        money = money + posting.fee if arrives else money - posting.fee
    return Operation(wallet, posting.type, money)


class _Book:
    """The series that some operations fall under, locked; see `lock_series`."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._reckoner = Reckoner()
        self._wallets = {op.wallet.id: op.wallet for op in operations}
        scopes = scopes_of((op.user_id, rule) for op in operations for rule in op.rules)
        self.tallies: dict[Scope, Tally] = {}
        if scopes:
            self.tallies = lock_series(scopes, self._reckoner)
        self._find_what_is_held()

    def check(self, operation: Operation) -> None:
        """:raises LimitExceeded, RateUnavailable:"""
        for rule in applying(operation.rules, operation.wallet.terms.tier):
            self._headroom(operation, rule).check(self._worth(operation, rule))

    def add(self, operation: Operation, transaction_id: UUID) -> None:
        """Count it in every series that it falls under."""
        scopes = {self._scope(operation, rule): rule for rule in operation.rules}
        for scope, rule in scopes.items():
            if scope in self.tallies:
                worth = self._worth(operation, rule)
                self.tallies[scope].add(worth, transaction_id)

    def _headroom(self, operation: Operation, rule: LimitRule) -> Headroom:
        if rule.window not in WINDOWS:
            return Headroom(rule)
        tally = self.tallies[self._scope(operation, rule)]
        return headroom(rule, tally, self._wallets.values(), self._reckoner)

    def _worth(self, operation: Operation, rule: LimitRule) -> Decimal:
        money = operation.money
        return self._reckoner.worth(money.amount, money.currency.code, rule.unit)

    @staticmethod
    def _scope(operation: Operation, rule: LimitRule) -> Scope:
        return Scope.of(operation.user_id, rule)

    def _find_what_is_held(self) -> None:
        """Add the owners' other wallets that hold something, if it could matter.

        They are not locked. But whoever holds more of them goes through the series as
        well, and so was done before us or comes after us.
        """
        owners = {
            scope.user_id
            for scope in self.tallies
            if not scope.currency and scope.type in ("", LimitType.CAPTURE)
        }
        if owners:
            holding = Wallet.objects.filter(owner_id__in=owners, held__gt=0)
            for wallet in holding.exclude(id__in=self._wallets):
                self._wallets[wallet.id] = wallet
