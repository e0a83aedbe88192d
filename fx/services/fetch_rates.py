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


class RatesNotFetched(Exception):
    """The provider was not reached, or its answer is none; nothing was recorded."""


@dataclass(frozen=True)
class Fetched:
    """What came of asking: what was recorded, and what was not believed of it."""

    recorded: Recorded
    errors: list[FeedError]


def fetch_rates(provider: str, *, now: datetime, url: str = "") -> Fetched:
    """Ask the bank (`ecb`) or the feed of that name, and record its answer.

    What was not believed, and why nothing was recorded, is kept as a `FeedError`.
    Nobody waits in a transaction for an answer from elsewhere. `url` is for another
    document of the bank's.

    :raises UnknownProvider: also for a feed that is switched off.
    :raises RatesNotFetched: it failed, which is kept.
    """
    asked = _provider(provider, url)
    try:
        heard = asked.fetch(now=now)
        with db_transaction.atomic(durable=True):
            recorded = record(heard.observations, provider=provider, now=now)
            return Fetched(recorded, _refused(heard, provider, now))
    except (AbsurdFeed, DownloadFailed) as failure:
        with db_transaction.atomic(durable=True):
            _keep(failure, provider, now)
        raise RatesNotFetched(str(failure)) from failure


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


def _keep(failure: Exception, provider: str, now: datetime) -> None:
    excerpt = getattr(failure, "excerpt", "")
    FeedError.objects.create(
        provider=provider, at=now, what=str(failure), excerpt=excerpt
    )
