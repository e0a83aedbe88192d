"""What there is, how it is booked, and how much of it may be moved.

Amounts are whole numbers of the smallest unit, and time is minutes since the beginning.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.model.prices import Policy, Price, worth

DAY = 24 * 60
WINDOWS = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY}
REVERSAL_WINDOW = 30
COUNTED = ("fund", "withdrawal", "transfer", "conversion", "capture")
SUBJECTS = ("wallet", "user", "everybody")


class Refused(Exception):
    """The product refuses this with that code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def refuse_if(wrong: object, code: str) -> None:
    if wrong:
        raise Refused(code)


@dataclass
class Wallet:
    user: str
    currency: str
    balance: int = 0
    held: int = 0
    version: int = 0
    frozen: bool = False

    @property
    def available(self) -> int:
        return self.balance - self.held


# A customer's wallet, or a house account by its purpose and currency.
Account = Wallet | tuple[str, str]
# How much is credited to an account; less than zero is a debit.
Line = tuple[Account, int]


@dataclass(eq=False)
class Move:
    """A transaction. An entry is: whose wallet, currency, amount, balance, version."""

    type: str
    owner: str | None
    at: int
    lines: list[Line]
    entries: list[tuple[str, str, int, int, int]]
    fee: int = 0
    converts: bool = False
    refunded: int = 0
    reversed: bool = False


@dataclass(eq=False)
class Hold:
    """A promise of `amount` and `fee`; one that converts has a price."""

    wallet: Wallet
    amount: int
    fee: int
    to: str | None
    expires: int
    price: Price | None = None
    captured: int = 0
    status: str = "active"

    def share(self, total: int) -> int:
        return total * self.captured // self.amount

    @property
    def reserved(self) -> int:
        if self.status != "active":
            return 0
        return self.amount - self.captured + self.fee - self.share(self.fee)

    def ended(self, otherwise: str) -> str:
        if self.captured == self.amount:
            return "captured"
        return "partially_captured" if self.captured else otherwise


@dataclass
class Quote:
    user: str
    price: Price
    fee: int
    expires: int
    used: bool = False


@dataclass(frozen=True)
class Limit:
    subject: str
    user: str | None
    type: str
    currency: str
    window: str
    amount: int | None
    count: int | None

    @property
    def unit(self) -> str:
        return self.currency or "USD"

    @property
    def scope(self) -> tuple[object, ...]:
        return self.subject, self.user, self.type, self.currency, self.window

    def concerns(self, user: str) -> bool:
        return self.subject == "everybody" or self.user == user


@dataclass
class Ask:
    """What a request says besides: the version it expects, and its reference."""

    version: int | None = None
    reference: str | None = None


@dataclass
class World:
    """Everything there is."""

    policy: Policy
    now: int = 0
    wallets: dict[tuple[str, str], Wallet] = field(default_factory=dict)
    house: Counter[tuple[str, str]] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    uses: list[tuple[int, str, str, str, int]] = field(default_factory=list)
    references: set[tuple[str, str | None, str]] = field(default_factory=set)

    # What is there.

    def wallet(self, user: str, currency: str, *, opens: bool = False) -> Wallet:
        refuse_if(
            not opens and (user, currency) not in self.wallets, "wallet_not_found"
        )
        return self.wallets.setdefault((user, currency), Wallet(user, currency))

    def own(self, user: str, currency: str, ask: Ask) -> Wallet:
        """The wallet of whoever acts, where they think it is."""
        wallet = self.wallet(user, currency)
        refuse_if(ask.version not in (None, wallet.version), "version_mismatch")
        return wallet

    def status(self, hold: Hold) -> str:
        """What it is by the clock, whether or not it was swept."""
        over = hold.status == "active" and self.now >= hold.expires
        return hold.ended("expired") if over else hold.status

    # Booking.

    def book(self, type_: str, owner: str | None, *lines: Line, **more: Any) -> Move:
        """Check the customers' wallets, all of them first, and write the entries."""
        lines = tuple(line for line in lines if line[1])
        wallets = [account for account, _ in lines if isinstance(account, Wallet)]
        refuse_if(any(wallet.frozen for wallet in wallets), "wallet_frozen")
        for account, units in lines:
            if isinstance(account, Wallet):
                refuse_if(-units > account.available, "insufficient_funds")
        move = Move(type_, owner, self.now, list(lines), [], **more)
        for account, units in lines:
            if isinstance(account, Wallet):
                account.balance += units
                account.version += 1
                move.entries.append(
                    (
                        account.user,
                        account.currency,
                        units,
                        account.balance,
                        account.version,
                    )
                )
            else:
                self.house[account] += -units if account[0] == "cash" else units
        self.moves.append(move)
        return move

    def settle(self, ask: Ask, *moves: Move) -> None:
        """Count what was ordered, in its order, and write down the reference."""
        for move in moves:
            if move.type not in COUNTED:
                continue
            arrives = move.type == "fund"
            [(wallet, units)] = [
                (account, abs(units))
                for account, units in move.lines
                if isinstance(account, Wallet)
                and account.user == move.owner
                and (units > 0) == arrives
            ]
            units += move.fee if arrives else -move.fee
            if move.type != "capture":
                self.check_limits(wallet, move.type, units)
            assert move.owner is not None
            self.uses.append((self.now, move.owner, move.type, wallet.currency, units))
        self.name("transaction", moves[-1].owner, ask)

    def name(self, what: str, owner: str | None, ask: Ask) -> None:
        if ask.reference is not None:
            name = what, owner, ask.reference
            refuse_if(name in self.references, "duplicate_reference")
            self.references.add(name)

    def post(
        self, ask: Ask, type_: str, owner: str | None, *lines: Line, **more: Any
    ) -> None:
        self.settle(ask, self.book(type_, owner, *lines, **more))

    # Limits.

    def applying(self, user: str) -> list[Limit]:
        """Of rules about the same the one that is nearest to the customer."""
        chosen: dict[tuple[str, str, str], Limit] = {}
        for limit in sorted(self.limits, key=lambda one: SUBJECTS.index(one.subject)):
            if limit.concerns(user):
                about = limit.type, limit.currency, limit.window
                chosen.setdefault(about, limit)
        return list(chosen.values())

    def used(self, limit: Limit, user: str) -> tuple[int, int]:
        """How much of it is used, and by how many operations."""
        if limit.window == "operation":
            return 0, 0
        since = self.now - WINDOWS[limit.window]
        done = [
            worth(units, currency, limit.unit)
            for at, who, type_, currency, units in self.uses
            if at > since
            and who == user
            and limit.type in ("", type_)
            and limit.currency in ("", currency)
        ]
        held = [
            worth(wallet.held, wallet.currency, limit.unit)
            for wallet in self.wallets.values()
            if wallet.user == user
            and limit.type in ("", "capture")
            and limit.currency in ("", wallet.currency)
        ]
        return sum(done) + sum(held), len(done)

    def headroom(self, limit: Limit, user: str) -> tuple[int | None, int | None]:
        """How much more, and how many more, there may be; None for any number."""
        amount, count = self.used(limit, user)
        return (
            None if limit.amount is None else max(limit.amount - amount, 0),
            None if limit.count is None else max(limit.count - count, 0),
        )

    def check_limits(self, wallet: Wallet, type_: str, units: int) -> None:
        for limit in self.applying(wallet.user):
            covers = limit.type in ("", type_)
            if not (covers and limit.currency in ("", wallet.currency)):
                continue
            amount, count = self.headroom(limit, wallet.user)
            takes = worth(units, wallet.currency, limit.unit)
            refuse_if(amount is not None and takes > amount, "limit_exceeded")
            refuse_if(count == 0, "limit_exceeded")

    def set_limit(self, new: Limit) -> None:
        self.limits = [one for one in self.limits if one.scope != new.scope] + [new]
