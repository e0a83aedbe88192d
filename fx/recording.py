"""Writing down what a provider said, as new rows that stand beside the old ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from uuid_utils import uuid7

from fx.breaker import RECORDING_LOCK, judge
from fx.market import PIVOT, current_limits
from fx.models import Rate
from fx.providers.observation import AbsurdFeed, Observation
from users.acts import Actor, record_act

# COPY into a bare table first, because COPY itself cannot skip what is already there.
_CREATE_LOADED = """
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = 0;
CREATE TEMPORARY TABLE fx_loaded (
    id uuid, base text, quote text, bid numeric(24, 12), ask numeric(24, 12),
    as_of timestamptz
)
"""
_COPY_LOADED = "COPY fx_loaded (id, base, quote, bid, ask, as_of) FROM STDIN"
_SAID_TWICE = """
SELECT base, quote, as_of FROM fx_loaded
GROUP BY base, quote, as_of
HAVING min(bid) < max(bid) OR min(ask) < max(ask)
LIMIT 1
"""
_INSERT_NEW = (Path(__file__).parent / "sql" / "insert_new.sql").read_text()
_SUMMARY = "SELECT count(*), min(as_of), max(as_of) FROM fx_loaded"
_QUOTES_OF_NOW = """
SELECT DISTINCT quote FROM fx_loaded WHERE base = %s AND as_of >= %s - %s::interval
"""


@dataclass(frozen=True)
class Recorded:
    """What came of a load: observations read, rows that were new, span of `as_of`.

    `opened` is how many breakers it opened.
    """

    read: int
    new: int
    oldest_at: datetime | None
    newest_at: datetime | None
    opened: int = 0


def record(
    observations: Iterable[Observation],
    *,
    provider: str,
    now: datetime,
    staff_id: UUID | None = None,
    reason: str = "",
) -> Recorded:
    """Record all of them, and judge their pairs; needs a transaction around it.

    What is the provider's word already is skipped; another word about the same instant
    is a correction, and becomes a row of its own.

    :raises AbsurdFeed: also for two different words about one instant.
    """
    with connection.cursor() as cursor:
        _load(cursor, observations)
        said_by = {"staff": staff_id, "reason": reason}
        new = _insert(cursor, {"provider": provider, "now": now, **said_by})
        cursor.execute(_SUMMARY)
        read, oldest_at, newest_at = cursor.fetchone()
        oldest: Any = current_limits().longest
        cursor.execute(_QUOTES_OF_NOW, [PIVOT, now, oldest])
        quotes = [quote for (quote,) in cursor.fetchall()]
        # By hand and not ON COMMIT, for loads that share an outer transaction.
        cursor.execute("DROP TABLE fx_loaded")
    opened = 0
    if quotes:
        opened = judge(quotes, provider=provider, newest_at=newest_at, now=now)
    return Recorded(read, new, oldest_at, newest_at, opened)


def record_file(
    observations: Iterable[Observation],
    *,
    provider: str,
    now: datetime,
    actor: Actor | None,
) -> Recorded:
    """Record what is read from a file; needs a transaction around it.

    Which of staff brought it, and why, stands with every observation.

    :raises AbsurdFeed: also halfway, when a later line is wrong.
    """
    recorded = record(
        observations,
        provider=provider,
        now=now,
        staff_id=actor.staff_id if actor else None,
        reason=actor.reason if actor else "",
    )
    if recorded.new:
        newest = Rate.objects.filter(provider=provider).latest("fetched_at")
        read = {"provider": provider, "new": recorded.new}
        record_act(actor, "rates.uploaded", newest, after=read)
    return recorded


def take_turn_of(provider: str) -> None:
    """One load of a provider after the other: the second sees what the first said, and
    so does not say it again. Needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [RECORDING_LOCK, provider]
        )


def _load(cursor: Any, observations: Iterable[Observation]) -> None:
    cursor.execute(_CREATE_LOADED)
    with cursor.copy(_COPY_LOADED) as copy:
        for observation in observations:
            copy.write(_line(observation))
    cursor.execute(_SAID_TWICE)
    for base, quote, as_of in cursor.fetchall():
        raise AbsurdFeed(f"{base}/{quote} has two values at {as_of.isoformat()}.")


def _insert(cursor: Any, said: dict[str, Any]) -> int:
    take_turn_of(said["provider"])
    cursor.execute(_INSERT_NEW, said)
    return int(cursor.rowcount)


def _line(observation: Observation) -> str:
    base, quote, bid, ask, as_of = observation
    return f"{uuid7()}\t{base}\t{quote}\t{bid}\t{ask}\t{_text(as_of)}\n"


@lru_cache(maxsize=16)
def _text(as_of: datetime) -> str:
    # Some thirty rates in a row are of one instant, and writing it out is what takes
    # longest in a line.
    return as_of.isoformat()
