"""A pricing policy as people write it, checked field by field."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from fx.fields import CurrencyCodeField, DecimalTextField
from fx.policy import LOCKS, OPERATIONS, FeeRule, SpreadRule
from paymentprocessor.api.fields import (
    StrictCharField,
    StrictInstantField,
    StrictSerializer,
)
from users.models import TIER_PATTERN

# A spread, a premium and the widening of a position together stay below the whole.
MOST_BPS = Decimal(3000)


class BasisPointsField(DecimalTextField):
    """Hundredths of a percent, with at most 4 decimals, as the books keep them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=MOST_BPS, decimals=4, **kwargs)


class TierField(serializers.RegexField):
    """A customer's tier: a lower-case word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(TIER_PATTERN, trim_whitespace=False, **kwargs)


class SpreadRuleField(StrictSerializer):
    """A spread for the conversions that it fits (see `fx.policy.SpreadRule`)."""

    bps = BasisPointsField()
    from_currency = CurrencyCodeField(required=False)
    to_currency = CurrencyCodeField(required=False)
    currency = CurrencyCodeField(required=False)
    tier = TierField(required=False)
    at_least = DecimalTextField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        pair = {"from_currency", "to_currency"} & attrs.keys()
        if "currency" in attrs and pair:
            raise serializers.ValidationError(
                {"currency": "Name the pair, or a currency on either side."},
                code="one_of",
            )
        if "at_least" in attrs and "from_currency" not in attrs:
            raise serializers.ValidationError(
                {"at_least": "A band needs a from_currency, whose amounts it is of."},
                code="required",
            )
        if len(pair) == 2 and attrs["from_currency"] == attrs["to_currency"]:
            raise serializers.ValidationError(
                {"to_currency": "Must be another currency."}, code="same_currency"
            )
        return attrs


class FeeRuleField(StrictSerializer):
    """A fee on one way of moving money (see `fx.policy.FeeRule`)."""

    operation = serializers.ChoiceField(OPERATIONS)
    currency = CurrencyCodeField(required=False)
    tier = TierField(required=False)
    fixed = DecimalTextField(required=False)
    bps = BasisPointsField(required=False)
    minimum = DecimalTextField(required=False)
    maximum = DecimalTextField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        amounts = {"fixed", "minimum", "maximum"} & attrs.keys()
        if amounts and "currency" not in attrs:
            raise serializers.ValidationError(
                dict.fromkeys(amounts, "An amount needs a currency."),
                code="required",
            )
        _check_order(attrs)
        return attrs


class BoundsField(StrictSerializer):
    """The least and the greatest amount of a currency in one conversion."""

    minimum = DecimalTextField(required=False)
    maximum = DecimalTextField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _check_order(attrs)
        return attrs


class PolicyDocument(StrictSerializer):
    """All that we charge. The most specific rule wins; nothing is added up."""

    spreads = SpreadRuleField(many=True)
    locks = serializers.DictField(child=BasisPointsField(), required=False)
    bounds = serializers.DictField(child=BoundsField(), required=False)
    fees = FeeRuleField(many=True, required=False)

    def validate_spreads(self, rules: list[dict[str, str]]) -> list[dict[str, str]]:
        if {"bps"} not in [rule.keys() for rule in rules]:
            raise serializers.ValidationError(
                "One rule must be for everything else: bps and nothing more.",
                code="required",
            )
        _check_contradictions(rules, SpreadRule)
        return rules

    def validate_fees(self, rules: list[dict[str, str]]) -> list[dict[str, str]]:
        _check_contradictions(rules, FeeRule)
        return rules

    def validate_bounds(
        self, bounds: dict[str, dict[str, str]]
    ) -> dict[str, dict[str, str]]:
        for code in bounds:
            CurrencyCodeField().run_validation(code)
        return bounds

    def validate_locks(self, premiums: dict[str, str]) -> dict[str, str]:
        for lock in premiums:
            if lock not in LOCKS:
                raise serializers.ValidationError(
                    f"{lock} is none of {', '.join(LOCKS)}.", code="invalid_choice"
                )
        return premiums


class PublishRequest(StrictSerializer):
    """A document, from when on it counts, and why it changes."""

    example = {
        "document": {
            "spreads": [
                {"bps": "45"},
                {"bps": "30", "from_currency": "USD", "to_currency": "EUR"},
            ],
            "locks": {"30s": "0", "5m": "5"},
            "fees": [{"operation": "withdrawal", "bps": "10"}],
        },
        "reason": "A lower spread for what is sold most.",
    }

    document = PolicyDocument()
    effective_at = StrictInstantField(required=False)
    reason = StrictCharField(max_length=500)


def _check_order(attrs: dict[str, str]) -> None:
    if {"minimum", "maximum"} <= attrs.keys() and Decimal(attrs["minimum"]) > Decimal(
        attrs["maximum"]
    ):
        raise serializers.ValidationError(
            {"maximum": "Must not be less than the minimum."}, code="out_of_range"
        )


def _check_contradictions(
    rules: list[dict[str, str]], kind: type[SpreadRule] | type[FeeRule]
) -> None:
    """No two rules speak of the same, by value: 100 and 100.00 are one band.

    Two could only be told apart by their order, which says nothing here.
    """
    seen: dict[object, int] = {}
    for number, rule in enumerate(rules):
        scope = kind.of(rule).scope
        if scope in seen:
            raise serializers.ValidationError(
                f"Rules {seen[scope]} and {number}, counted from 0, speak of the same.",
                code="contradiction",
            )
        seen[scope] = number
