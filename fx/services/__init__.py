"""What changes currencies, rates and prices: one file per thing done to them."""

from fx.recording import Recorded
from fx.services.add_currencies import add_currencies
from fx.services.close_breaker import close_breaker
from fx.services.currencies import add_currency, change_currency
from fx.services.fetch_rates import (
    Fetched,
    UnknownProvider,
    fetch_feeds,
    fetch_rates,
)
from fx.services.load_file import load_file
from fx.services.publish_policy import publish_policy
from fx.services.quotes import cancel_quote, expire_quotes
from fx.services.record_rates import record_rates
from fx.services.set_rate import set_rate

__all__ = [
    "Fetched",
    "Recorded",
    "UnknownProvider",
    "add_currencies",
    "add_currency",
    "cancel_quote",
    "change_currency",
    "close_breaker",
    "expire_quotes",
    "fetch_feeds",
    "fetch_rates",
    "load_file",
    "publish_policy",
    "record_rates",
    "set_rate",
]
