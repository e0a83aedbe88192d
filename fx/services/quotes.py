"""Ending quotes that nobody used."""

from uuid import UUID

from django.db import connection
from django.db import transaction as db_transaction

from fx.models import Quote
from fx.quotes import give_up
from webhooks.services import record_event

# The oldest first, and none that somebody is using at this moment: whoever uses one
# that has expired is refused anyway.
_EXPIRE = """
WITH expired AS (
    SELECT id FROM fx_quote
     WHERE status = 'open' AND expires_at <= statement_timestamp()
     ORDER BY expires_at
     LIMIT %(at_most)s
       FOR UPDATE SKIP LOCKED
)
UPDATE fx_quote AS quote
   SET status = 'expired', ended_at = statement_timestamp()
  FROM expired
 WHERE quote.id = expired.id
"""


def cancel_quote(quote_id: UUID, user_id: UUID) -> Quote:
    """The user gives a quote up.

    :raises QuoteNotFound, QuoteAlreadyUsed, QuoteCancelled, QuoteExpired:
    """
    with db_transaction.atomic(durable=True):
        quote = give_up(quote_id, user_id)
        record_event("quote.cancelled", subject_id=quote.id, user_id=user_id)
    return quote


def expire_quotes(*, at_most: int = 1000) -> int:
    """Mark quotes whose time is over; how many there were, `at_most` so many."""
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"at_most": at_most})
        return int(cursor.rowcount)
