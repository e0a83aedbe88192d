"""The whole ledger added up: what the house holds, and what it owes customers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import connection

from fx.models import Currency
from fx.money import EXACT, Denomination, Money
from transactions.models import Fold, FoldTotal

_TAIL = (Path(__file__).parents[1] / "sql" / "tail.sql").read_text()
_ZERO = Decimal(0)
_SLACK = timedelta(minutes=2)


@dataclass(frozen=True)
class Total:
    """All debits and all credits of one purpose in one currency.

    The purpose `customer` is all customers' wallets together.
    """

    purpose: str
    debits: Money
    credits: Money


@dataclass(frozen=True)
class TrialBalance:
    """One currency's totals. All debits together equal all credits, always."""

    currency: str
    totals: list[Total]
    debits: Money
    credits: Money

    @property
    def difference(self) -> Money:
        return self.debits - self.credits


def trial_balance(*, at: datetime | None = None) -> list[TrialBalance]:
    """The totals of every currency that ever moved, now or at a past instant.

    Reads the last fold made by then and adds the entries since, so the cost follows
    from the distance between folds and not from the size of the ledger.
    """
    sums: dict[str, dict[str, tuple[Decimal, Decimal]]] = defaultdict(dict)
    for purpose, currency, debits, credits in _sums(at):
        sums[currency][purpose] = (debits, credits)
    units = {c.code: c.denomination for c in Currency.objects.filter(code__in=sums)}
    return [
        TrialBalance(
            code,
            [
                Total(purpose, Money(debits, units[code]), Money(credits, units[code]))
                for purpose, (debits, credits) in sorted(by_purpose.items())
            ],
            _sum((debits for debits, _ in by_purpose.values()), units[code]),
            _sum((credits for _, credits in by_purpose.values()), units[code]),
        )
        for code, by_purpose in sorted(sums.items())
    ]


def _sum(amounts: Iterable[Decimal], unit: Denomination) -> Money:
    return sum((Money(amount, unit) for amount in amounts), Money.zero(unit))


def _sums(at: datetime | None) -> Iterable[tuple[str, str, Decimal, Decimal]]:
    """(purpose, currency, debits, credits): the fold and what came after it."""
    folds = Fold.objects.order_by("-made_at", "-pk")
    fold = (folds.filter(made_at__lte=at) if at else folds).first()
    # Whatever was recorded until `at` had its writer's id soon after, since statements
    # are cut off long before the slack is over; later writers need not be looked at.
    later = folds.filter(made_at__gt=at + _SLACK).last() if at else None
    totals: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    if fold is not None:
        for row in FoldTotal.objects.filter(fold=fold):
            totals[row.purpose, row.currency] = (row.debits, row.credits)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAIL,
            {
                "horizon": str(fold.horizon) if fold else "0",
                "ceiling": str(later.ceiling) if later else None,
                "at": at,
            },
        )
        for purpose, currency, debits, credits in cursor.fetchall():
            before = totals.get((purpose, currency), (_ZERO, _ZERO))
            totals[purpose, currency] = (
                EXACT.add(before[0], debits),
                EXACT.add(before[1], credits),
            )
    return [(*key, *sums) for key, sums in totals.items()]
