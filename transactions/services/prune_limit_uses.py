"""Forgetting uses of limits that no window reaches back to any more."""

from django.db import connection
from django.db import transaction as db_transaction

from wallets.limits import LONGEST

# The last row before a window says what was used by then, so it stays: a row goes when
# the next one is outside of the longest window, too.
_PRUNE = """
DELETE FROM transactions_limituse AS use
 USING transactions_limituse AS next
 WHERE next.series_id = use.series_id
   AND next.number = use.number + 1
   AND next.at < statement_timestamp() - make_interval(days => %(days)s)
"""


def prune_limit_uses() -> int:
    """Remove what is older than the longest window; how many rows there were.

    The transactions themselves stay on the books.
    """
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_PRUNE, {"days": LONGEST.days})
        removed: int = cursor.rowcount
    return removed
