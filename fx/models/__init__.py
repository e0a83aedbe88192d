"""Currencies, what was observed of their rates, what we charge, what we promised."""

from fx.models.policies import PricingPolicy
from fx.models.quotes import FixedSide, Priced, Quote, QuoteStatus
from fx.models.rates import CURRENCY_CODE_PATTERN, Currency, Rate

__all__ = [
    "CURRENCY_CODE_PATTERN",
    "Currency",
    "FixedSide",
    "Priced",
    "PricingPolicy",
    "Quote",
    "QuoteStatus",
    "Rate",
]
