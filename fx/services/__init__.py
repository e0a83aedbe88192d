"""What changes currencies and rates: one file per thing that is done to them."""

from fx.services.add_currencies import add_currencies
from fx.services.currencies import add_currency, change_currency
from fx.services.record_rates import Recorded, record_rates

__all__ = [
    "Recorded",
    "add_currencies",
    "add_currency",
    "change_currency",
    "record_rates",
]
