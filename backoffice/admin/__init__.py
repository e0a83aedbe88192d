"""The console's pages: one file per kind of thing that staff look at."""

# They register what is taken off below.
import allauth.account.admin
import allauth.mfa.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
import procrastinate.contrib.django.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from procrastinate.contrib.django.models import ProcrastinateJob

from backoffice.admin.api_keys import ApiKeyAdmin
from backoffice.admin.approvals import ApprovalRequestAdmin
from backoffice.admin.breakers import VerdictAdmin
from backoffice.admin.currencies import CurrencyAdmin
from backoffice.admin.events import EventAdmin
from backoffice.admin.feeds import FeedAdmin, FeedErrorAdmin
from backoffice.admin.holds import HoldAdmin
from backoffice.admin.ledger_audits import LedgerAuditAdmin
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
    "ApprovalRequestAdmin",
    "CurrencyAdmin",
    "EventAdmin",
    "FeedAdmin",
    "FeedErrorAdmin",
    "HoldAdmin",
    "LedgerAuditAdmin",
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

# The roles are made by migrations, and a test knows what each may do. Authenticators
# are their owners', and emails are only contact data. The worker's jobs are not staff's
# to repeat or cancel.
admin.site.unregister([Group, EmailAddress, Authenticator, ProcrastinateJob])
