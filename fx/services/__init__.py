"""What changes currencies and rates: one file per thing that is done to them."""

from fx.services.add_currencies import add_currencies
from fx.services.fetch_rates import RatesNotFetched, fetch_rates
from fx.services.record_rates import Recorded, record_rates

__all__ = [
    "RatesNotFetched",
    "Recorded",
    "add_currencies",
    "fetch_rates",
    "record_rates",
]
