"""Writing the house's positions on behind, so that readers need not add them up."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db import transaction as db_transaction

from paymentprocessor.database.xid import Horizon
from transactions.average_cost import Holding
from transactions.models import PositionBook, PositionStep, Transaction
from transactions.models.position import Seen
from transactions.queries.holdings import last_steps
from transactions.queries.trades import trades

# How many transactions one database transaction goes through.
_BATCH = 10_000


def book_positions(*, slack: timedelta | None = None, anew: bool = False) -> int:
    """Book the trades that nothing older can still overtake; how many steps it took.

    Trades are booked in the order in which they were recorded, and a transaction is
    seen only when it commits: so an instant counts as past once every writer that had
    begun by then has ended. `slack` is how long before its writer's beginning a
    transaction may have been recorded, by default as long as a statement may take.

    `anew` begins another book, for when rates that were missing have come since. Two
    bookers at once do no harm: one writes, and the other leaves it to that one.
    """
    if slack is None:
        slack = timedelta(milliseconds=settings.STATEMENT_TIMEOUT_MS)
    book, now = _look_around(anew=anew)
    until = _settled(book.seen, now)
    if until is None:
        # Not seen anew: writers that overlap could go on for ever.
        return 0
    PositionBook.objects.filter(pk=book.pk).update(**now._asdict())
    steps = 0
    while (booked := _book_next(book.pk, until - slack)) is not None:
        steps += booked
    return steps


def _look_around(*, anew: bool) -> tuple[PositionBook, Seen]:
    """The newest book, and what is seen now."""
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        # The transaction began before it was given its id, so whoever is given a
        # greater one began later.
        cursor.execute("SELECT transaction_timestamp(), pg_current_xact_id()::text")
        seen_at, seen_xid = cursor.fetchone()
        of_currency = PositionBook.objects.filter(
            reporting_currency=settings.REPORTING_CURRENCY
        )
        book = of_currency.order_by("-pk").first()
        if book is None or anew:
            book = PositionBook.objects.create(
                reporting_currency=settings.REPORTING_CURRENCY
            )
    return book, Seen(seen_at, int(seen_xid))


def _settled(*seen: Seen) -> datetime | None:
    """The latest of the instants seen whose writers have all ended."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {Horizon.template}::text")
        horizon = int(cursor.fetchone()[0])
    past = [one.seen_at for one in seen if one.seen_xid < horizon]
    return max(past, default=None)


def _book_next(book_id: int, until: datetime) -> int | None:
    """Book the next stretch, in a transaction of its own; None when there is none.

    What is to be written is found before it begins, which may take seconds: a writer
    holds back the events and totals of all who come after it.
    """
    book = PositionBook.objects.filter(pk=book_id, booked_until__lt=until).first()
    if book is None:
        return None
    end = _end_of_stretch(book.booked_until, until)
    steps = _steps(book, end)
    with db_transaction.atomic(durable=True):
        books = PositionBook.objects.select_for_update(no_key=True, skip_locked=True)
        still = books.filter(pk=book_id, booked_until=book.booked_until)
        if still.first() is None:
            # Somebody else has booked it, or is about to.
            return None
        PositionStep.objects.bulk_create(steps, batch_size=1000)
        book.booked_until = end
        book.save(update_fields=["booked_until"])
    return len(steps)


def _end_of_stretch(after: datetime, until: datetime) -> datetime:
    """Where a batch of transactions ends; never between two of one instant."""
    recorded = Transaction.objects.filter(recorded_at__gt=after, recorded_at__lte=until)
    instants = recorded.order_by("recorded_at").values_list("recorded_at", flat=True)
    return next(iter(instants[_BATCH - 1 : _BATCH]), until)


def _steps(book: PositionBook, until: datetime) -> list[PositionStep]:
    last = last_steps(book, at=book.booked_until)
    steps = []
    for trade in trades(after=book.booked_until, until=until):
        values = trade.values(book.reporting_currency)
        for code, change in trade.changes.items():
            before = last.get(code)
            held = before.holding if before else Holding()
            held = held.after(change, values[code])
            last[code] = PositionStep(
                book=book,
                currency=code,
                number=before.number + 1 if before else 1,
                transaction_id=trade.transaction_id,
                recorded_at=trade.recorded_at,
                change=change,
                value=values[code],
                position=held.position,
                cost=held.cost,
                realised=held.realised,
            )
            steps.append(last[code])
    return steps
