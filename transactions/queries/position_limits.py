"""The limits of positions, and where the positions that have one stand now."""

import time
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import connection
from django.db.models.functions import Now

from transactions.models import PositionLimit
from wallets.models import Purpose, house_account_id

_POSITIONS_NOW = (Path(__file__).parents[1] / "sql" / "positions_now.sql").read_text()

# How long a process believes what it has read of the limits, in seconds. Conversions
# ask for them many times a second, staff change them a few times a year.
SEEN_FOR = 1
_seen: tuple[int, dict[str, PositionLimit]] | None = None


def limits_at(at: datetime | Now) -> dict[str, PositionLimit]:
    """The limit of each currency that has one at an instant, in one query."""
    newest = (
        PositionLimit.objects.filter(effective_at__lte=at)
        .order_by("currency", "-effective_at", "-id")
        .distinct("currency")
    )
    return {
        limit.currency: limit
        for limit in newest
        if limit.soft is not None or limit.hard is not None
    }


def limits_lately(now: datetime | None) -> dict[str, PositionLimit]:
    """The same for now, as this process read them within the last second.

    Without `now`, by the database's clock.
    """
    global _seen
    if _seen is None or time.monotonic_ns() - _seen[0] > SEEN_FOR * 10**9:
        _seen = (time.monotonic_ns(), limits_at(now or Now()))
    return _seen[1]


def forget_limits() -> None:
    """Read them again the next time."""
    global _seen
    _seen = None


def positions_now(currencies: Collection[str]) -> dict[str, Decimal]:
    """What the house holds of these currencies now, in one query and without a lock.

    What others have not committed yet is not in it.
    """
    wallets = [house_account_id(Purpose.FX_POSITION, code) for code in currencies]
    with connection.cursor() as cursor:
        cursor.execute(
            _POSITIONS_NOW, {"currencies": list(currencies), "wallets": wallets}
        )
        found = dict(cursor.fetchall())
    return {code: found.get(code, Decimal(0)) for code in currencies}
