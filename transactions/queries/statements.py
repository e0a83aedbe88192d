"""A statement: what led from one balance in a currency to a later one."""

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from uuid import UUID

from django.db.models import QuerySet

from fx.money import Money
from paymentprocessor.api.errors import BadCursor
from transactions.models import Entry
from users.queries import find_user
from wallets.errors import WalletNotFound
from wallets.models import Wallet


@dataclass(frozen=True)
class Standing:
    """How many lines there had been, and the balance that the last of them left."""

    lines: int
    balance: Money


@dataclass(frozen=True)
class StatementPage:
    """Lines of a statement in their order, the first of them the `begin`-th from 0."""

    opening: Standing
    closing: Standing
    begin: int
    entries: list[Entry]


@dataclass(frozen=True)
class StatementPosition:
    """Where a page ends, and where the statement begins and ends; all in lines.

    So both its balances are those of its first page, whatever has been booked since.
    """

    opening: int
    lines: int
    closing: int


def statement(
    user_id: UUID,
    currency_code: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: StatementPosition | None = None,
    limit: int,
) -> StatementPage:
    """At most `limit` lines of what was recorded at `since` or later, before `until`.

    Reads that many entries and a handful more, however long the history is. With
    `after` the period is that of its page, whatever `since` and `until` say.

    :raises UserNotFound, UserDeleted, WalletNotFound:
    :raises BadCursor: `after` is no position of this statement.
    """
    chain = _Chain.of(user_id, currency_code)
    if after is not None:
        begin = after.lines
        if not 0 <= after.opening <= begin <= after.closing:
            raise BadCursor("The cursor is none of this statement.")
        opening, closing = chain.at(after.opening), chain.at(after.closing)
    else:
        opening = chain.before(since) if since else chain.at(0)
        closing = chain.before(until) if until else chain.now()
        # They could only be the other way round where the clock had gone back.
        closing = max(opening, closing, key=lambda standing: standing.lines)
        begin = opening.lines
    entries = chain.lines(begin, min(begin + limit, closing.lines))
    return StatementPage(opening, closing, begin, entries)


@dataclass(frozen=True)
class _Chain:
    """A user's wallets in a currency, one after the other, with their lines counted on.

    A wallet that was closed is empty and has no more lines; another one may follow it.
    """

    # Each with the lines that had been before it.
    wallets: list[tuple[Wallet, int]]

    @classmethod
    def of(cls, user_id: UUID, currency_code: str) -> "_Chain":
        find_user(user_id)
        wallets = list(
            Wallet.all_objects.filter(owner_id=user_id, currency_id=currency_code)
            .select_related("currency")
            .order_by("created_at", "pk")
        )
        if not wallets:
            raise WalletNotFound(currency_code)
        versions = accumulate((wallet.version for wallet in wallets), initial=0)
        return cls(list(zip(wallets, versions, strict=False)))

    def now(self) -> Standing:
        newest, lines_before = self.wallets[-1]
        lines = lines_before + newest.version
        return Standing(lines, newest.money(newest.balance))

    def before(self, instant: datetime) -> Standing:
        """As it was just before that."""
        for wallet, lines_before in reversed(self.wallets):
            entries = _lines_of(wallet).filter(recorded_at__lt=instant)
            last = entries.order_by("-recorded_at", "-wallet_version").first()
            if last is not None:
                return _left_by(last, wallet, lines_before)
        return self.at(0)

    def at(self, lines: int) -> Standing:
        """As it was after so many lines.

        :raises BadCursor: there have never been so many.
        """
        for wallet, lines_before in reversed(self.wallets):
            if lines > lines_before:
                entry = _lines_of(wallet).filter(wallet_version=lines - lines_before)
                if (last := entry.first()) is None:
                    raise BadCursor("The cursor is none of this statement.")
                return _left_by(last, wallet, lines_before)
        oldest, _ = self.wallets[0]
        return Standing(0, Money.zero(oldest.denomination))

    def lines(self, begin: int, end: int) -> list[Entry]:
        """What follows the first `begin` lines, up to the `end`-th."""
        return [
            entry
            for wallet, lines_before in self.wallets
            if lines_before < end and begin < lines_before + wallet.version
            for entry in _lines_of(wallet)
            .filter(
                wallet_version__gt=begin - lines_before,
                wallet_version__lte=end - lines_before,
            )
            .select_related("transaction", "wallet__currency")
            .order_by("wallet_version")
        ]


def _lines_of(wallet: Wallet) -> QuerySet[Entry]:
    """None that came after the wallet was read."""
    return Entry.objects.filter(wallet=wallet, wallet_version__lte=wallet.version)


def _left_by(entry: Entry, wallet: Wallet, lines_before: int) -> Standing:
    assert entry.wallet_version is not None, "a customer's entry has its number"
    assert entry.balance_after is not None, "and says what it left"
    lines = lines_before + entry.wallet_version
    return Standing(lines, wallet.money(entry.balance_after))
