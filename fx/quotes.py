"""Finding quotes, and promising and ending them inside somebody else's transaction."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from fx.errors import (
    QuoteAlreadyUsed,
    QuoteCancelled,
    QuoteExpired,
    QuoteNotFound,
    TooManyQuotes,
)
from fx.models import Quote, QuoteStatus

# The first key of an advisory lock, beside those of `fx.breaker`.
_PROMISING_LOCK: Final = 0x46580003

# Whether it came too late is told by the clock of the moment at which the row is ours:
# whoever waits here for somebody whose transaction then fails gets the row without a
# second look at the conditions.
_END = """
UPDATE fx_quote
   SET status = %(status)s, ended_at = clock_timestamp()
 WHERE id = %(id)s AND user_id = %(user_id)s
   AND status = 'open'
RETURNING *, clock_timestamp() >= expires_at AS is_late
"""


def find_quote(quote_id: UUID, *, user_id: UUID | None) -> Quote:
    """The quote; with a `user_id`, only if it is theirs.

    :raises QuoteNotFound:
    """
    quotes = Quote.objects.filter(pk=quote_id)
    if user_id is not None:
        quotes = quotes.filter(user_id=user_id)
    quote = quotes.first()
    if quote is None:
        raise QuoteNotFound
    return quote


def check_room(user_id: UUID, *, now: datetime) -> None:
    """The user may be promised one more price.

    Whoever asks often enough would hold the price of every minute, and use the one that
    turned out best. Needs a transaction: until its end nobody else is promised one in
    the user's name, so that two at once do not both get the last.

    :raises TooManyQuotes:
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
            [_PROMISING_LOCK, str(user_id)],
        )
    promised = Quote.objects.filter(
        user_id=user_id, status=QuoteStatus.OPEN, expires_at__gt=now
    )
    if promised.count() >= settings.MAX_OPEN_QUOTES:
        raise TooManyQuotes(settings.MAX_OPEN_QUOTES)


def take(quote_id: UUID, user_id: UUID) -> Quote:
    """The user's quote, used from now on; open again if the transaction fails.

    Of two at once the second waits for the first, and then finds it used. Needs a
    transaction.

    :raises QuoteNotFound, QuoteAlreadyUsed, QuoteCancelled, QuoteExpired:
    """
    return _end(quote_id, user_id, QuoteStatus.USED)


def give_up(quote_id: UUID, user_id: UUID) -> Quote:
    """The user's quote, cancelled from now on. Needs a transaction.

    :raises QuoteNotFound, QuoteAlreadyUsed, QuoteCancelled, QuoteExpired:
    """
    return _end(quote_id, user_id, QuoteStatus.CANCELLED)


def _end(quote_id: UUID, user_id: UUID, status: QuoteStatus) -> Quote:
    wanted = {"id": quote_id, "user_id": user_id, "status": status}
    ended: Quote | None = next(iter(Quote.objects.raw(_END, wanted)), None)
    if ended is not None:
        if ended.is_late:  # type: ignore[attr-defined]
            raise QuoteExpired(ended.expires_at)
        return ended
    quote = find_quote(quote_id, user_id=user_id)
    if quote.status == QuoteStatus.USED:
        raise QuoteAlreadyUsed
    if quote.status == QuoteStatus.CANCELLED:
        raise QuoteCancelled
    raise QuoteExpired(quote.expires_at)
