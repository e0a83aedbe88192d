"""What one sees first: what we owe and hold, what moved, and whether all is well."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django.conf import settings

from fx.models import Currency
from fx.money import EXACT, Denomination, Money, half_even_to_scale
from fx.queries import mids_into
from transactions.models import DayTotal, LedgerAudit, TransactionType
from transactions.queries import trial_balance
from wallets.models import Purpose

DAYS = 30
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Holding:
    """What customers have in one currency, and the house's position in it.

    `worth` and `position_worth` are in the reporting currency, None without a rate.
    """

    owed: Money
    worth: Decimal | None
    position: Money
    position_worth: Decimal | None
    rate_at: datetime | None
    rate_is_old: bool


@dataclass(frozen=True)
class Day:
    """What moved on one day (UTC): how often, and how much in the reporting currency.

    What has no rate is not in `volume`.
    """

    day: date
    transactions: int
    conversions: int
    volume: Decimal
    converted: Decimal


@dataclass(frozen=True)
class Dashboard:
    """All figures of the first page, in a number of queries that does not grow."""

    at: datetime
    reporting: Denomination
    holdings: list[Holding]
    days: list[Day]
    audit: LedgerAudit | None

    @property
    def owed(self) -> Decimal:
        """What all customers have together, as far as there are rates."""
        return _sum(one.worth for one in self.holdings)

    @property
    def result(self) -> Decimal:
        """What closing all positions at mid would leave, as far as there are rates.

        Each trade was booked at its mid, so the positions together were worth nothing
        then; what they are worth now is what the market has done since.
        """
        return _sum(one.position_worth for one in self.holdings)

    @property
    def unknown(self) -> list[str]:
        """The currencies that are missing from the sums, for want of a rate."""
        return [one.owed.currency.code for one in self.holdings if one.worth is None]

    @property
    def oldest_rates(self) -> list[Holding]:
        """The currencies in use by the age of their rates, the oldest first."""
        dated = [one for one in self.holdings if one.rate_at is not None]
        return sorted(dated, key=lambda one: (one.rate_at, one.owed.currency.code))


def dashboard(now: datetime) -> Dashboard:
    """Add up what is kept behind; nothing here reads the ledger from end to end."""
    totals = {
        one.currency: {total.purpose: total for total in one.totals}
        for one in trial_balance()
    }
    code = settings.REPORTING_CURRENCY
    since = now.date() - timedelta(days=DAYS - 1)
    rows = list(DayTotal.objects.filter(day__gte=since, day__lte=now.date()))
    mids = mids_into(code, {*totals} | {row.currency for row in rows}, at=now)
    units = Currency.objects.in_bulk([*totals, code])
    reporting = units[code].denomination
    rates = {code: Fraction(1)} | {one: mid for one, (mid, _) in mids.items()}
    holdings = []
    for one, by_purpose in totals.items():
        unit = units[one].denomination
        owed, position = (
            _credit_balance(by_purpose, purpose, unit)
            for purpose in (Purpose.CUSTOMER, Purpose.FX_POSITION)
        )
        _, rate_at = mids.get(one, (None, None))
        holdings.append(
            Holding(
                owed,
                _worth(owed.amount, rates.get(one), reporting),
                position,
                _worth(position.amount, rates.get(one), reporting),
                rate_at,
                rate_at is not None and now - rate_at > settings.FX_MAX_RATE_AGE,
            )
        )
    return Dashboard(
        now,
        reporting,
        holdings,
        _days(rows, rates, reporting, since),
        LedgerAudit.objects.defer("report").order_by("-pk").first(),
    )


def _credit_balance(
    by_purpose: Mapping[str, object], purpose: str, unit: Denomination
) -> Money:
    total = by_purpose.get(purpose)
    return Money.zero(unit) if total is None else total.credits - total.debits


def _worth(
    amount: Decimal, rate: Fraction | None, unit: Denomination
) -> Decimal | None:
    if rate is None:
        return None
    return half_even_to_scale(Fraction(amount) * rate, unit.exponent)


def _days(
    rows: Iterable[DayTotal],
    rates: Mapping[str, Fraction],
    unit: Denomination,
    since: date,
) -> list[Day]:
    """A day for each of the last ones, those without any movement too."""
    by_day: dict[date, list[DayTotal]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    return [_day(day, by_day[day], rates, unit) for day in _dates(since)]


def _day(
    day: date, rows: list[DayTotal], rates: Mapping[str, Fraction], unit: Denomination
) -> Day:
    conversions = [row for row in rows if row.type == TransactionType.CONVERSION]
    return Day(
        day,
        sum(row.transactions for row in rows),
        sum(row.transactions for row in conversions),
        _sum(_worth(_volume(row), rates.get(row.currency), unit) for row in rows),
        _sum(_worth(row.debits, rates.get(row.currency), unit) for row in conversions),
    )


def _volume(row: DayTotal) -> Decimal:
    """What came in for customers, and what they gave: no amount counts twice."""
    return row.credits if row.type == TransactionType.FUND else row.debits


def _dates(since: date) -> list[date]:
    return [since + timedelta(days=number) for number in range(DAYS)]


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    total = _ZERO
    for amount in amounts:
        total = EXACT.add(total, amount or _ZERO)
    return total
