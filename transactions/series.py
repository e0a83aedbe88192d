"""Running totals of what customers moved, and what they say of a window.

A series is fed by every operation of its scope for as long as there is a rule of that
scope, be it one for another tier or one that a more specific rule replaces: else it
would have a gap when the customer's tier, or the other rule, changes. A series that
may have a gap, or is new, first catches up with the books: with what its user did
since its last use, and in the longest window at most. That is done once per rule.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db import connection

from fx.errors import RateUnavailable
from fx.money import EXACT, Denomination
from fx.policy import OPERATIONS
from transactions.models import LimitSeries
from transactions.reckoning import Reckoner
from wallets.limits import LONGEST, WINDOWS, LimitRule

_SQL = Path(__file__).parent / "sql"
_READ = (_SQL / "limit_series.sql").read_text()
_LOCK = f"{_READ} FOR NO KEY UPDATE OF series"
_HISTORY = (_SQL / "limit_history.sql").read_text()

# How long somebody may still be at work who began before a rule was there, and counts
# nothing under it; more than anybody waits for a lock.
_SETTLING = timedelta(minutes=1)


class Scope(NamedTuple):
    """What a series adds up: whose operations, of which type and currency."""

    user_id: UUID
    type: str
    currency: str
    unit: Denomination | None

    @classmethod
    def of(cls, user_id: UUID, rule: LimitRule) -> Self:
        return cls(user_id, rule.type, rule.currency, rule.unit)

    @property
    def key(self) -> tuple[UUID, str, str, str]:
        """Its name in the database."""
        unit = self.unit.code if self.unit else ""
        return self.user_id, self.type, self.currency, unit


@dataclass(frozen=True, slots=True)
class Use:
    """How much was moved, and in how many operations."""

    amount: Decimal = Decimal(0)
    count: int = 0


NOTHING = Use()


@dataclass
class Tally:
    """Where a series stands, and what is to be written of it.

    It was counted last at `counted_at`; `seen_at` is the same as it was before somebody
    was waited for. `unknown` says why the past that it lacks cannot be reckoned: then
    nothing can be said of it.
    """

    scope: Scope
    series_id: UUID | None = None
    total: Use = NOTHING
    counted_at: datetime | None = None
    seen_at: datetime | None = None
    unknown: RateUnavailable | None = None
    before: dict[timedelta, Use] = field(
        default_factory=lambda: dict.fromkeys(WINDOWS.values(), NOTHING)
    )
    rows: list[dict[str, Any]] = field(default_factory=list)

    def used(self, window: str) -> Use:
        """What was used since the beginning of that window."""
        before = self.before[WINDOWS[window]]
        amount = EXACT.subtract(self.total.amount, before.amount)
        return Use(amount, self.total.count - before.count)

    def is_behind(self, since: datetime) -> bool:
        """Whether it may lack what was done before there was a rule, or under none."""
        return _is_behind(self.counted_at, since)

    def is_half_seen(self, since: datetime) -> bool:
        """Whether somebody has caught up with the past while we waited for them."""
        return self.seen_at != self.counted_at and _is_behind(self.seen_at, since)

    def must_be_known(self) -> None:
        """:raises RateUnavailable: the past that it lacks cannot be reckoned."""
        if self.unknown is not None:
            raise self.unknown

    def add(
        self, amount: Decimal, transaction_id: UUID, at: datetime | None = None
    ) -> None:
        """Count one more operation; one of this very moment without an instant."""
        self.total = Use(EXACT.add(self.total.amount, amount), self.total.count + 1)
        self.rows.append(
            {
                "series_id": self.series_id,
                "number": self.total.count,
                "at": at,
                "total_amount": self.total.amount,
                "transaction_id": transaction_id,
            }
        )

    def add_past(
        self, amount: Decimal, transaction_id: UUID, at: datetime, now: datetime
    ) -> None:
        """Count an operation that nobody has counted when it was done."""
        self.add(amount, transaction_id, at)
        for length in self.before:
            if at <= now - length:
                self.before[length] = self.total


def _is_behind(counted_at: datetime | None, since: datetime) -> bool:
    return counted_at is None or counted_at < since + _SETTLING


# Since when there has been a rule of each scope, without a break.
Scopes = Mapping[Scope, datetime]


def scopes_of(rules: Iterable[tuple[UUID, LimitRule]]) -> dict[Scope, datetime]:
    """The scopes of users' rules that look back, each since its oldest rule began."""
    scopes: dict[Scope, datetime] = {}
    for user_id, rule in rules:
        if rule.window in WINDOWS:
            scope = Scope.of(user_id, rule)
            began_at = scopes.get(scope, rule.created_at)
            scopes[scope] = min(began_at, rule.created_at)
    return scopes


def lock_series(scopes: Scopes, reckoner: Reckoner) -> dict[Scope, Tally]:
    """Where these series stand, locked until commit; new ones are begun.

    Needs a transaction, in which the wallets were locked before. Whoever holds a
    wallet may wait here, and nobody who is here waits for a wallet, so no two wait for
    each other. One whose past cannot be reckoned holds up nobody else: it is `unknown`.
    """
    tallies = _fetch(_LOCK, scopes, reckoner)
    missing = [scope for scope in scopes if scope not in tallies]
    if missing:
        LimitSeries.objects.bulk_create(
            [
                LimitSeries(user_id=user_id, type=type_, currency=currency, unit=unit)
                # In the same order by everybody, like all locks.
                for user_id, type_, currency, unit in sorted(s.key for s in missing)
            ],
            ignore_conflicts=True,
        )
        tallies = _fetch(_LOCK, scopes, reckoner)
    if any(tally.is_half_seen(scopes[scope]) for scope, tally in tallies.items()):
        # Nobody is waited for this time, so all is of one moment.
        tallies = _fetch(_LOCK, scopes, reckoner)
    _catch_up(tallies, scopes, reckoner)
    return tallies


def lock_kept_up(scopes: Scopes, reckoner: Reckoner) -> dict[Scope, Tally]:
    """Those of the series that have no past to catch up with, locked until commit."""
    return {
        scope: tally
        for scope, tally in _fetch(_LOCK, scopes, reckoner).items()
        if not (tally.is_behind(scopes[scope]) or tally.is_half_seen(scopes[scope]))
    }


def read_series(scopes: Scopes, reckoner: Reckoner) -> dict[Scope, Tally]:
    """Where these series stand, or would stand if they were begun now.

    :raises RateUnavailable: what is to be caught up with cannot be reckoned.
    """
    tallies = {scope: Tally(scope) for scope in scopes}
    tallies |= _fetch(_READ, scopes, reckoner)
    _catch_up(tallies, scopes, reckoner)
    for tally in tallies.values():
        tally.must_be_known()
    return tallies


def _fetch(
    statement: str, scopes: Collection[Scope], reckoner: Reckoner
) -> dict[Scope, Tally]:
    of_key = {scope.key: scope for scope in scopes}
    users, types, currencies, units = map(list, zip(*of_key, strict=True))
    tallies: dict[Scope, Tally] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "users": users,
                "types": types,
                "currencies": currencies,
                "units": units,
                "windows": list(WINDOWS.values()),
            },
        )
        for id_, *key, amount, count, at, seen_at, length, was, number, now in cursor:
            reckoner.now = now
            scope = of_key[tuple(key)]
            fresh = Tally(scope, id_, Use(amount, count), at, seen_at)
            tallies.setdefault(scope, fresh).before[length] = Use(was, number)
    return tallies


def _catch_up(
    tallies: Mapping[Scope, Tally], scopes: Scopes, reckoner: Reckoner
) -> None:
    """Count what was done under no rule, or before there was one."""
    behind = [
        tally for scope, tally in tallies.items() if tally.is_behind(scopes[scope])
    ]
    if not behind:
        return
    now = reckoner.now
    users, types, currencies, _ = map(
        list, zip(*(tally.scope.key for tally in behind), strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _HISTORY,
            {
                "users": users,
                "types": types,
                "currencies": currencies,
                "since": [
                    max(tally.counted_at or now - LONGEST, now - LONGEST)
                    for tally in behind
                ],
                "counted": list(OPERATIONS),
            },
        )
        past = cursor.fetchall()
    for number, transaction_id, at, currency, amount in past:
        tally = behind[number - 1]
        if tally.unknown is not None:
            continue
        try:
            worth = reckoner.worth(amount, currency, tally.scope.unit)
        except RateUnavailable as unavailable:
            tally.unknown = unavailable
        else:
            tally.add_past(worth, transaction_id, at, now)
