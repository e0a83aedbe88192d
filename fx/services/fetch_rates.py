"""Ask a provider for rates, and record what it says or what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction as db_transaction

from fx.download import DownloadFailed
from fx.models import Feed, FeedError
from fx.providers import ecb
from fx.providers.observation import AbsurdFeed, Heard, Provider
from fx.recording import Recorded, record


class UnknownProvider(LookupError):
    """There is no such provider that can be asked."""


@dataclass(frozen=True)
class Fetched:
    """What came of asking: what was recorded, if anything, and what was wrong."""

    recorded: Recorded | None
    errors: list[FeedError]


def fetch_rates(provider: str, *, now: datetime, url: str = "") -> Fetched:
    """Ask the bank (`ecb`) or the feed of that name, and record its answer.

    A provider that fails is no error of ours: it is kept as a `FeedError`, and nothing
    is recorded. Nobody waits in a transaction for an answer from elsewhere. `url` is
    for another document of the bank's.

    :raises UnknownProvider: also for a feed that is switched off.
    """
    asked = _provider(provider, url)
    try:
        heard = asked.fetch(now=now)
        with db_transaction.atomic(durable=True):
            recorded = record(heard.observations, provider=provider, now=now)
            return Fetched(recorded, _refused(heard, provider, now))
    except (AbsurdFeed, DownloadFailed) as failure:
        with db_transaction.atomic(durable=True):
            return Fetched(None, [_failed(failure, provider, now)])


def fetch_feeds(*, now: datetime) -> list[Fetched]:
    """Ask every feed that is switched on, one after another."""
    names = Feed.objects.filter(enabled=True).order_by("name")
    return [fetch_rates(name, now=now) for name in names.values_list("name", flat=True)]


def _provider(name: str, url: str) -> Provider:
    # In development, a feed may be on this machine.
    trusted = settings.DEVELOPMENT
    if name == ecb.NAME:
        return ecb.Ecb(url or settings.ECB_URL, trust_loopback=trusted)
    feed = Feed.objects.filter(name=name, enabled=True).first()
    if feed is None:
        raise UnknownProvider(f"There is no feed {name!r} that is switched on.")
    return feed.provider(trust_loopback=trusted)


def _refused(heard: Heard, provider: str, now: datetime) -> list[FeedError]:
    return FeedError.objects.bulk_create(
        FeedError(provider=provider, at=now, what=what, excerpt=excerpt)
        for what, excerpt in heard.refused
    )


def _failed(failure: Exception, provider: str, now: datetime) -> FeedError:
    excerpt = getattr(failure, "excerpt", "")
    return FeedError.objects.create(
        provider=provider, at=now, what=str(failure), excerpt=excerpt
    )
