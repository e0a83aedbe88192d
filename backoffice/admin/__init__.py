"""The console's pages: one file per kind of thing that staff look at."""

import django.contrib.auth.admin  # noqa: F401 registers what is taken off below
from django.contrib import admin
from django.contrib.auth.models import Group

from backoffice.admin.api_keys import ApiKeyAdmin
from backoffice.admin.breakers import VerdictAdmin
from backoffice.admin.currencies import CurrencyAdmin
from backoffice.admin.events import EventAdmin
from backoffice.admin.feeds import FeedAdmin, FeedErrorAdmin
from backoffice.admin.holds import HoldAdmin
from backoffice.admin.limits import LimitAdmin
from backoffice.admin.positions import PositionAdmin, PositionLimitAdmin
from backoffice.admin.pricing import PricingPolicyAdmin, QuoteAdmin
from backoffice.admin.rates import RateAdmin
from backoffice.admin.staff_acts import StaffActAdmin
from backoffice.admin.transactions import TransactionAdmin
from backoffice.admin.users import UserAdmin
from backoffice.admin.wallets import WalletAdmin

__all__ = [
    "ApiKeyAdmin",
    "CurrencyAdmin",
    "EventAdmin",
    "FeedAdmin",
    "FeedErrorAdmin",
    "HoldAdmin",
    "LimitAdmin",
    "PositionAdmin",
    "PositionLimitAdmin",
    "PricingPolicyAdmin",
    "QuoteAdmin",
    "RateAdmin",
    "StaffActAdmin",
    "TransactionAdmin",
    "UserAdmin",
    "VerdictAdmin",
    "WalletAdmin",
]

# The roles are made by migrations, and a test knows what each may do.
admin.site.unregister(Group)
