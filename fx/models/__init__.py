"""Currencies, what was observed of their rates, what we charge, what we promised."""

from fx.models.currencies import CURRENCY_CODE_PATTERN, Currency
from fx.models.policies import PricingPolicy
from fx.models.providers import Feed, FeedError, Verdict
from fx.models.quotes import FixedSide, Priced, Quote, QuoteStatus
from fx.models.rates import Rate

__all__ = [
    "CURRENCY_CODE_PATTERN",
    "Currency",
    "Feed",
    "FeedError",
    "FixedSide",
    "Priced",
    "PricingPolicy",
    "Quote",
    "QuoteStatus",
    "Rate",
    "Verdict",
]
