"""Forgetting uses of limits that no window reaches back to any more."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import transaction as db_transaction

from transactions.models import LimitSeries
from wallets.limits import LONGEST

# A long transaction would hold back folds and events, and a long statement be cut off.
_SERIES_AT_ONCE = 1_000
_USES_AT_ONCE = 10_000

# The last row before a window says what was used by then, so it stays. The oldest go
# first: a series that was pruned in part still runs on without a gap.
_PRUNE = """
DELETE FROM transactions_limituse WHERE ctid = ANY (ARRAY(
    SELECT use.ctid
      FROM unnest(%(series)s::uuid[]) AS series (id)
     CROSS JOIN LATERAL (
            SELECT number
              FROM transactions_limituse
             WHERE series_id = series.id
               AND at < statement_timestamp() - %(longest)s::interval
             ORDER BY at DESC, number DESC
             LIMIT 1
           ) AS last
      JOIN transactions_limituse AS use
        ON use.series_id = series.id AND use.number < last.number
     ORDER BY use.series_id, use.number
     LIMIT %(at_most)s
))
"""


def prune_limit_uses() -> int:
    """Remove what is older than the longest window; how many rows there were.

    The transactions themselves stay on the books. It goes in small transactions, some
    series after the other: interrupted, the rest is left to the next run.
    """
    removed = 0
    some = _series_after(None)
    while some:
        pruned = _prune(some)
        removed += pruned
        if pruned < _USES_AT_ONCE:
            some = _series_after(some[-1])
    return removed


def _series_after(last: UUID | None) -> list[UUID]:
    series = LimitSeries.objects.order_by("id")
    if last is not None:
        series = series.filter(id__gt=last)
    return list(series.values_list("id", flat=True)[:_SERIES_AT_ONCE])


def _prune(series: Sequence[UUID]) -> int:
    wanted: dict[str, Any] = {
        "series": list(series),
        "longest": LONGEST,
        "at_most": _USES_AT_ONCE,
    }
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_PRUNE, wanted)
        return int(cursor.rowcount)
