"""The console's pages: one file per kind of thing that staff look at."""

from django.contrib import admin

from backoffice.admin.api_keys import ApiKeyAdmin
from backoffice.admin.currencies import CurrencyAdmin
from backoffice.admin.events import EventAdmin
from backoffice.admin.pricing import PricingPolicyAdmin, QuoteAdmin
from backoffice.admin.rates import RateAdmin
from backoffice.admin.transactions import TransactionAdmin
from backoffice.admin.users import UserAdmin
from backoffice.admin.wallets import WalletAdmin

__all__ = [
    "ApiKeyAdmin",
    "CurrencyAdmin",
    "EventAdmin",
    "PricingPolicyAdmin",
    "QuoteAdmin",
    "RateAdmin",
    "TransactionAdmin",
    "UserAdmin",
    "WalletAdmin",
]

admin.site.site_header = "FX Payment Processor"
admin.site.site_title = "FX Payment Processor"
admin.site.index_title = "Operations console"
