"""The console's pages: one file per kind of thing that staff look at."""

from backoffice.admin.api_keys import ApiKeyAdmin
from backoffice.admin.currencies import CurrencyAdmin
from backoffice.admin.events import EventAdmin
from backoffice.admin.rates import RateAdmin
from backoffice.admin.transactions import TransactionAdmin
from backoffice.admin.users import UserAdmin
from backoffice.admin.wallets import WalletAdmin

__all__ = [
    "ApiKeyAdmin",
    "CurrencyAdmin",
    "EventAdmin",
    "RateAdmin",
    "TransactionAdmin",
    "UserAdmin",
    "WalletAdmin",
]
