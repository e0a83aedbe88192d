"""Finding a quote, and ending it inside somebody else's transaction."""

from uuid import UUID

from fx.errors import QuoteAlreadyUsed, QuoteCancelled, QuoteExpired, QuoteNotFound
from fx.models import Quote, QuoteStatus

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
