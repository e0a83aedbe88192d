"""The trades that moved the house's positions, and what they were worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from fx.errors import RateUnavailable
from fx.queries import cross
from transactions.average_cost import value_at

_TRADES = (Path(__file__).parents[1] / "sql" / "trades.sql").read_text()


@dataclass(frozen=True)
class Trade:
    """One transaction that changed positions; by how much, per currency.

    A change above zero is what the house bought. `priced_at` is when the price was of
    the market: for what `undoes` another, the time of that one.
    """

    transaction_id: UUID
    recorded_at: datetime
    priced_at: datetime
    undoes: bool
    changes: dict[str, Decimal]

    def values(self, reporting: str) -> dict[str, Decimal | None]:
        """What each change was worth in the reporting currency, with its sign.

        Both sides of a trade are worth the same, so no trade is a profit by itself:
        what the customer paid for it is a line of its own, `fx_income`. None when it
        is not known. What is in the reporting currency is worth itself.
        """
        value = self._value(reporting)
        return {
            code: change if code == reporting else _signed(value, change)
            for code, change in self.changes.items()
        }

    def _value(self, reporting: str) -> Decimal | None:
        """What either side was worth; above zero."""
        if len(self.changes) != 2:
            # One side, or several: nothing says what each of them was worth.
            return None
        # A reversal is worth what it undoes, so the same side is looked at.
        bought, sold = sorted(
            self.changes, key=self.changes.__getitem__, reverse=not self.undoes
        )
        if (self.changes[bought] > 0) == (self.changes[sold] > 0):
            return None
        if reporting in self.changes:
            return self.changes[reporting].copy_abs()
        # The bought side; only a currency that has no rate is worth what it was
        # paid with.
        for code in (bought, sold):
            try:
                rate = cross(
                    code,
                    reporting,
                    now=self.priced_at,
                    max_age=settings.FX_MAX_RATE_AGE,
                )
            except RateUnavailable:
                continue
            return value_at(self.changes[code].copy_abs(), rate.mid)
        return None


def trades(*, after: datetime, until: datetime | None) -> Iterator[Trade]:
    """The trades recorded after one instant and until another, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_TRADES, {"after": after, "until": until})
        rows = cursor.fetchall()
    for (id_, recorded_at, priced_at, undoes), sides in groupby(
        rows, key=lambda row: row[:4]
    ):
        changes = {currency: change for *_, currency, change in sides}
        yield Trade(id_, recorded_at, priced_at, undoes, changes)


def _signed(value: Decimal | None, change: Decimal) -> Decimal | None:
    return value if value is None or change > 0 else value.copy_negate()
