"""What changes currencies, rates and prices: one file per thing done to them."""

from fx.services.add_currencies import add_currencies
from fx.services.currencies import add_currency, change_currency
from fx.services.fetch_rates import RatesNotFetched, fetch_rates
from fx.services.publish_policy import publish_policy
from fx.services.quotes import cancel_quote, expire_quotes
from fx.services.record_rates import Recorded, record_rates

__all__ = [
    "RatesNotFetched",
    "Recorded",
    "add_currencies",
    "add_currency",
    "cancel_quote",
    "change_currency",
    "expire_quotes",
    "fetch_rates",
    "publish_policy",
    "record_rates",
]
