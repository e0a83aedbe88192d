"""Record what a provider published, as new rows that stand beside the old ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db import transaction as db_transaction
from uuid_utils import uuid7

from fx.ecb import Observation

# COPY into a bare table first, because COPY itself cannot skip what is already there.
# Nearly all of it is there when a history is read again, and NOT EXISTS sees that in
# half the time; ON CONFLICT is for what another load inserts meanwhile. The order of
# the insert is the same for everybody, so that two loads at once queue up instead of
# each waiting for a row of the other.
CREATE_LOADED = """
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = 0;
CREATE TEMPORARY TABLE fx_loaded (
    id uuid, base text, quote text, bid numeric(24, 12), ask numeric(24, 12),
    as_of timestamptz
)
"""
COPY_LOADED = "COPY fx_loaded (id, base, quote, bid, ask, as_of) FROM STDIN"
INSERT_NEW = """
INSERT INTO fx_rate (id, provider, base, quote, bid, ask, as_of, fetched_at)
SELECT id, %(provider)s, base, quote, bid, ask, as_of, %(now)s
FROM fx_loaded AS loaded
WHERE NOT EXISTS (
    SELECT FROM fx_rate AS known
    WHERE known.provider = %(provider)s
      AND (known.as_of, known.base, known.quote, known.bid, known.ask)
        = (loaded.as_of, loaded.base, loaded.quote, loaded.bid, loaded.ask)
)
ORDER BY as_of, base, quote, bid, ask
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Recorded:
    """What came of a load: observations read, rows that were new, span of `as_of`."""

    read: int
    new: int
    oldest_at: datetime | None
    newest_at: datetime | None


def record_rates(
    observations: Iterable[Observation], *, provider: str, now: datetime
) -> Recorded:
    """Record all of them or, when reading them raises, none.

    What this provider already said of the same instant is skipped; another value for
    the same instant is a correction, and becomes a row of its own.
    """
    with db_transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(CREATE_LOADED)
        with cursor.copy(COPY_LOADED) as copy:
            for observation in observations:
                copy.write(_line(observation))
        new = _insert_new(cursor, provider, now)
        cursor.execute("SELECT count(*), min(as_of), max(as_of) FROM fx_loaded")
        read, oldest_at, newest_at = cursor.fetchone()
        # By hand and not ON COMMIT, for loads that share an outer transaction.
        cursor.execute("DROP TABLE fx_loaded")
    return Recorded(read, new, oldest_at, newest_at)


def _insert_new(cursor: Any, provider: str, now: datetime) -> int:
    cursor.execute(INSERT_NEW, {"provider": provider, "now": now})
    return int(cursor.rowcount)


def _line(observation: Observation) -> str:
    base, quote, bid, ask, as_of = observation
    return f"{uuid7()}\t{base}\t{quote}\t{bid}\t{ask}\t{_text(as_of)}\n"


@lru_cache(maxsize=16)
def _text(as_of: datetime) -> str:
    # Some thirty rates in a row are of one instant, and writing it out is what takes
    # longest in a line.
    return as_of.isoformat()
