"""What changes currencies, rates and prices: one file per thing done to them."""

from fx.recording import Recorded
from fx.services.add_currencies import add_currencies
from fx.services.close_breaker import close_breaker
from fx.services.currencies import add_currency, change_currency
from fx.services.feeds import add_feed, change_feed
from fx.services.fetch_rates import (
    Fetched,
    RatesNotFetched,
    UnknownProvider,
    fetch_rates,
)
from fx.services.load_file import load_file
from fx.services.publish_policy import publish_policy
from fx.services.quotes import cancel_quote, expire_quotes
from fx.services.record_rates import record_rates
from fx.services.set_rate import set_rate

__all__ = [
    "Fetched",
    "RatesNotFetched",
    "Recorded",
    "UnknownProvider",
    "add_currencies",
    "add_currency",
    "add_feed",
    "cancel_quote",
    "change_currency",
    "change_feed",
    "close_breaker",
    "expire_quotes",
    "fetch_rates",
    "load_file",
    "publish_policy",
    "record_rates",
    "set_rate",
]
