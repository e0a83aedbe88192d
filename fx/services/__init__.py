"""What changes currencies and rates: one file per thing that is done to them."""

from fx.recording import Recorded
from fx.services.add_currencies import add_currencies
from fx.services.close_breaker import close_breaker
from fx.services.fetch_rates import Fetched, UnknownProvider, fetch_rates
from fx.services.load_file import load_file
from fx.services.record_rates import record_rates
from fx.services.set_rate import set_rate

__all__ = [
    "Fetched",
    "Recorded",
    "UnknownProvider",
    "add_currencies",
    "close_breaker",
    "fetch_rates",
    "load_file",
    "record_rates",
    "set_rate",
]
