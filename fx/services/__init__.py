"""What changes currencies, rates and prices: one file per thing done to them."""

from fx.services.add_currencies import add_currencies
from fx.services.publish_policy import publish_policy
from fx.services.quotes import cancel_quote, expire_quotes
from fx.services.record_rates import Recorded, record_rates

__all__ = [
    "Recorded",
    "add_currencies",
    "cancel_quote",
    "expire_quotes",
    "publish_policy",
    "record_rates",
]
