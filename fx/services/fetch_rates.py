"""Fetch what the European Central Bank published today."""

from datetime import datetime

from django.conf import settings

from fx import ecb
from fx.download import DownloadFailed, download
from fx.services.record_rates import Recorded, record_rates


class RatesNotFetched(Exception):
    """The feed was not reached, or is not one; nothing was recorded."""


def fetch_rates(url: str, *, now: datetime) -> Recorded:
    """Record the rates of the daily XML at `url`; those that are here are skipped.

    The download comes before the transaction, which must not wait for somebody else.

    :raises RatesNotFetched:
    """
    today = ecb.publication_date(now)
    try:
        document = download(url, trust_loopback=settings.DEVELOPMENT)
        observations = ecb.read_xml(document, today=today)
    except (DownloadFailed, ecb.AbsurdFeed) as error:
        raise RatesNotFetched(str(error)) from error
    return record_rates(observations, provider=ecb.PROVIDER, now=now)
