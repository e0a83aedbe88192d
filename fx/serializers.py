"""Currencies and rates as the API shows them."""

from typing import Any

from rest_framework import serializers

from fx.models import Currency, Rate
from fx.money import ceil_to_scale, floor_to_scale, half_even_to_scale, plain
from fx.policy_documents import PolicyDocument
from fx.pricing import RATE_EXPONENT, CrossRate


class CurrencyAnswer(serializers.Serializer[Any]):
    """One currency; amounts in it have so many decimals."""

    code = serializers.CharField()
    name = serializers.CharField()
    decimals = serializers.IntegerField()
    enabled = serializers.BooleanField()


class CurrenciesAnswer(serializers.Serializer[Any]):
    """All currencies, by code."""

    data = CurrencyAnswer(many=True)


class ObservationAnswer(serializers.Serializer[Any]):
    """One observed rate: a unit of `base` in units of `quote`, and who said so."""

    id = serializers.UUIDField()
    provider = serializers.CharField()
    base = serializers.CharField()
    quote = serializers.CharField()
    bid = serializers.CharField()
    ask = serializers.CharField()
    as_of = serializers.DateTimeField()
    fetched_at = serializers.DateTimeField()


class RateAnswer(serializers.Serializer[Any]):
    """A rate without any spread, and the observations that it is the cross of.

    One `base` sells for `bid` and costs `ask` on the market itself; of the observations
    of one pair, the median counts.
    """

    base = serializers.CharField()
    quote = serializers.CharField()
    bid = serializers.CharField()
    mid_rate = serializers.CharField()
    ask = serializers.CharField()
    as_of = serializers.DateTimeField()
    sources = ObservationAnswer(many=True)


class DayRateAnswer(serializers.Serializer[Any]):
    """The last rate of a day (UTC)."""

    date = serializers.DateField()
    mid_rate = serializers.CharField()


class RateHistoryAnswer(serializers.Serializer[Any]):
    """A rate day by day, the oldest first; days without a rate are left out."""

    base = serializers.CharField()
    quote = serializers.CharField()
    data = DayRateAnswer(many=True)


class PolicyAnswer(serializers.Serializer[Any]):
    """One version, in force from `effective_at` until the next one's."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    document = PolicyDocument()
    effective_at = serializers.DateTimeField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class PolicyPage(serializers.Serializer[Any]):
    """Versions, the newest first."""

    data = PolicyAnswer(many=True)
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)


def currency_answer(currency: Currency) -> dict[str, Any]:
    return {
        "code": currency.code,
        "name": currency.name,
        "decimals": currency.exponent,
        "enabled": currency.enabled,
    }


def observation_answer(rate: Rate) -> dict[str, Any]:
    return {
        "id": rate.id,
        "provider": rate.provider,
        "base": rate.base,
        "quote": rate.quote,
        "bid": plain(rate.bid),
        "ask": plain(rate.ask),
        "as_of": rate.as_of,
        "fetched_at": rate.fetched_at,
    }


def rate_answer(cross: CrossRate, sources: list[Rate]) -> dict[str, Any]:
    """A cross rate with the observations it came from (see `RateAnswer`)."""
    back = CrossRate.through(cross.quote, cross.base, cross.legs[::-1])
    return {
        "base": cross.base,
        "quote": cross.quote,
        # Outwards, so that nobody could deal any better than that.
        "bid": plain(floor_to_scale(cross.side, RATE_EXPONENT)),
        "mid_rate": plain(half_even_to_scale(cross.mid, RATE_EXPONENT)),
        "ask": plain(ceil_to_scale(1 / back.side, RATE_EXPONENT)),
        "as_of": cross.as_of,
        "sources": [observation_answer(rate) for rate in sources],
    }
