"""How much customers may move: decided in the transaction of the money itself.

The ledger asks for everything that it writes, so no movement can forget to: what a
customer ordered is checked and counted here, whichever service posts it. Where a rule
cannot be decided, for want of a rate, the movement is refused.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from fx.money import Money
from fx.policy import OPERATIONS
from transactions.headroom import Headroom, headroom
from transactions.models import Side, TransactionType
from transactions.postings import Posting
from transactions.reckoning import Reckoner
from transactions.series import Scope, Tally, lock_kept_up, lock_series, scopes_of
from wallets.limits import WINDOWS, LimitRule, applying
from wallets.models import LimitType, Wallet


class Ordered(NamedTuple):
    """What will be asked for: whose wallet it is about, and what kind it is."""

    wallet: Wallet
    type: str

    @property
    def user_id(self) -> UUID:
        assert self.wallet.owner_id is not None, "the house has no limits"
        return self.wallet.owner_id

    @property
    def rules(self) -> list[LimitRule]:
        """Those of its type and currency, of all tiers."""
        return [rule for rule in self.wallet.limits if rule.covers(self.type)]


# A series, and what is to be added to it.
Weight = tuple[Tally, Decimal]


class Counted(NamedTuple):
    """Rows to be written: the uses, and where their series stand then."""

    uses: list[dict[str, Any]]
    series: list[dict[str, Any]]


class Operation(NamedTuple):
    """What counts of a movement: its principal.

    That is the amount without the fee: what is sold of a conversion, what is paid by a
    transfer, what is put in by a fund.
    """

    ordered: Ordered
    money: Money


def operation(posting: Posting) -> Operation | None:
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
    return Operation(Ordered(wallet, posting.type), money)


def check(wallet: Wallet, type_: str, money: Money) -> None:
    """Whether the limits leave room for one more operation; nothing is counted.

    For what is promised now and moved later: a hold asks as a `capture`. Needs a
    transaction in which the wallet was locked.

    :raises LimitExceeded, RateUnavailable:
    """
    ordered = Ordered(wallet, type_)
    LimitBook([ordered]).check(Operation(ordered, money))


class MustCatchUp(Exception):
    """A series that is asked for has a past that it must catch up with first."""


class LimitBook:
    """The series that some orders fall under, locked; see `lock_series`.

    Needs a transaction in which the wallets were locked. An operation is checked, and
    counted once it is sure to be written; those after it see that it was. Without any
    rule there is nothing to ask it (`has_rules`). To catch up with the past may take
    long; without `catches_up` whoever wants that is told to go by themselves.
    """

    def __init__(self, expected: Iterable[Ordered], *, catches_up: bool = True) -> None:
        concerned = (ordered for ordered in expected if ordered.wallet.limits)
        limited = [ordered for ordered in dict.fromkeys(concerned) if ordered.rules]
        self._reckoner = Reckoner()
        self._wallets: defaultdict[UUID, dict[UUID, Wallet]] = defaultdict(dict)
        for ordered in limited:
            self._wallets[ordered.user_id][ordered.wallet.id] = ordered.wallet
        scopes = scopes_of(
            (ordered.user_id, rule) for ordered in limited for rule in ordered.rules
        )
        self._tallies: dict[Scope, Tally] = {}
        # Those on which something was counted that is not taken yet.
        self._fed: dict[Scope, Tally] = {}
        if scopes:
            lock = lock_series if catches_up else lock_kept_up
            self._tallies = lock(scopes, self._reckoner)
        self._left_out = scopes.keys() - self._tallies.keys()
        self._find_what_is_held()

    @property
    def has_rules(self) -> bool:
        """Whether any limit speaks of any of the orders."""
        return bool(self._wallets)

    def check(self, operation: Operation) -> None:
        """Whether there is room for it.

        :raises LimitExceeded, RateUnavailable:
        :raises MustCatchUp: it cannot be told by this book.
        """
        ordered = operation.ordered
        if self._left_out and not self._left_out.isdisjoint(
            Scope.of(ordered.user_id, rule) for rule in ordered.rules
        ):
            raise MustCatchUp
        for rule in applying(ordered.rules, ordered.wallet.terms.tier):
            self._headroom(ordered, rule).check(self._worth(operation, rule))

    def weigh(self, operation: Operation) -> list[Weight]:
        """What it will count for, in every series that it falls under.

        :raises RateUnavailable: it cannot be reckoned.
        """
        user_id, rules = operation.ordered.user_id, operation.ordered.rules
        scopes = {Scope.of(user_id, rule): rule for rule in rules}
        return [
            (self._known(scope), self._worth(operation, rule))
            for scope, rule in scopes.items()
            if scope in self._tallies
        ]

    def count(self, weights: Iterable[Weight], transaction_id: UUID) -> None:
        """Count what an operation weighs, which is sure to be written."""
        for tally, worth in weights:
            tally.add(worth, transaction_id)
            self._fed[tally.scope] = tally

    def take_counted(self) -> Counted:
        """What is to be written of the series, and was not taken before.

        What one has only caught up with stays until something is counted on it.
        """
        fed, self._fed = self._fed.values(), {}
        counted = Counted(
            uses=[row for tally in fed for row in tally.rows],
            series=[
                {
                    "series_id": tally.series_id,
                    "total_amount": tally.total.amount,
                    "total_count": tally.total.count,
                }
                for tally in fed
            ],
        )
        for tally in fed:
            tally.rows = []
        return counted

    def _headroom(self, ordered: Ordered, rule: LimitRule) -> Headroom:
        if rule.window not in WINDOWS:
            return Headroom(rule)
        tally = self._known(Scope.of(ordered.user_id, rule))
        wallets = self._wallets[ordered.user_id].values()
        return headroom(rule, tally, wallets, self._reckoner)

    def _known(self, scope: Scope) -> Tally:
        """:raises RateUnavailable:"""
        tally = self._tallies[scope]
        tally.must_be_known()
        return tally

    def _worth(self, operation: Operation, rule: LimitRule) -> Decimal:
        money = operation.money
        return self._reckoner.worth(money.amount, money.currency.code, rule.unit)

    def _find_what_is_held(self) -> None:
        """Add the owners' other wallets that hold something, if it could matter.

        They are not locked. But whoever holds more of them goes through the series as
        well, and so was done before us or comes after us.
        """
        owners = {
            scope.user_id
            for scope in self._tallies
            if not scope.currency and scope.type in ("", LimitType.CAPTURE)
        }
        if owners:
            for wallet in Wallet.objects.filter(owner_id__in=owners, held__gt=0):
                assert wallet.owner_id is not None, "owners were asked for"
                self._wallets[wallet.owner_id].setdefault(wallet.id, wallet)
