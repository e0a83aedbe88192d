"""The house's holdings: the last steps of the book, and the trades since."""

from datetime import datetime
from pathlib import Path

from transactions.average_cost import Holding
from transactions.models import PositionBook, PositionStep
from transactions.models.position import BEGINNING
from transactions.queries.trades import trades

_HOLDINGS = (Path(__file__).parents[1] / "sql" / "holdings.sql").read_text()


def last_steps(book: PositionBook, *, at: datetime) -> dict[str, PositionStep]:
    """The last step of each currency in the book until an instant, in one query."""
    steps = PositionStep.objects.raw(_HOLDINGS, {"book": book.pk, "at": at})
    return {step.currency: step for step in steps}


def holdings(reporting: str, *, at: datetime | None = None) -> dict[str, Holding]:
    """What the house holds of each currency, now or at an instant, that included.

    The cost follows from how many trades were recorded since the book was last written,
    and not from how many there ever were.
    """
    books = PositionBook.objects.filter(reporting_currency=reporting)
    book = books.order_by("-booked_until", "-pk").first()
    held: dict[str, Holding] = {}
    booked_until = BEGINNING
    if book is not None:
        booked_until = book.booked_until
        until = booked_until if at is None else min(booked_until, at)
        # Up to what this book is known to hold: it may be written on meanwhile.
        held = {code: step.holding for code, step in last_steps(book, at=until).items()}
    if at is None or at > booked_until:
        for trade in trades(after=booked_until, until=at):
            values = trade.values(reporting)
            for code, change in trade.changes.items():
                held[code] = held.get(code, Holding()).after(change, values[code])
    return held
