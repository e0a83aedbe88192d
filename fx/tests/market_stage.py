"""What the tests of rates share: who says what, and when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fx.providers.observation import Observation
from fx.recording import Recorded
from fx.services import record_rates

FRIDAY = datetime(2026, 10, 30, 15, tzinfo=UTC)
THURSDAY = FRIDAY - timedelta(days=1)
FIVE_DAYS = timedelta(days=5)
MINUTE = timedelta(minutes=1)


def said(
    quote: str, bid: str, as_of: datetime = FRIDAY, *, ask: str | None = None
) -> Observation:
    """A rate of the euro, with one side or with two."""
    low = Decimal(bid)
    return Observation("EUR", quote, low, low if ask is None else Decimal(ask), as_of)


def record(
    *observations: Observation, by: str = "ecb", now: datetime = FRIDAY
) -> Recorded:
    return record_rates(observations, provider=by, now=now)


def dollar(
    bid: str, *, by: str, now: datetime = FRIDAY, ask: str | None = None
) -> Recorded:
    """One provider says what a euro is worth in dollars at this moment."""
    return record(said("USD", bid, now, ask=ask), by=by, now=now)


def dollars(values: Sequence[str], *, now: datetime = FRIDAY) -> None:
    """As many live feeds as values, each with its own."""
    for number, value in enumerate(values):
        dollar(value, by=f"feed-{number}", now=now)
