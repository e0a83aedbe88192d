"""Currencies, rates, and what we charge, over HTTP."""

from fx.views.policies import PolicyViewSet
from fx.views.rates import RateViewSet

__all__ = ["PolicyViewSet", "RateViewSet"]
