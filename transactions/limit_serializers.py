"""Limits as the API takes and shows them."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from fx.fields import AmountField, CurrencyCodeField
from fx.money import Money
from paymentprocessor.api.fields import (
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
    StrictUUIDField,
)
from transactions.headroom import Headroom
from users.models import TIER_PATTERN
from wallets.limits import MAX_COUNT, SUBJECTS
from wallets.models import Limit, LimitType, Window
from wallets.services import Scope

_WORD = RegexValidator(TIER_PATTERN, "Must be a lower-case word.", "invalid")


class SetLimitRequest(StrictSerializer):
    """Who may move how much of what, in which window, and why.

    Without `user_id`, `wallet_id` and `tier`, everybody; without `type`, all that
    customers can order; without `currency`, all currencies, reckoned in the reporting
    currency.
    """

    example = {
        "tier": "standard",
        "type": "withdrawal",
        "window": "day",
        "max_amount": "5000.00",
        "reason": "As the bank's own limit.",
    }

    user_id = StrictUUIDField(required=False)
    wallet_id = StrictUUIDField(required=False)
    tier = StrictCharField(required=False, validators=[_WORD])
    type = serializers.ChoiceField(LimitType.choices, required=False)
    currency = CurrencyCodeField(required=False)
    window = serializers.ChoiceField(Window.choices)
    max_amount = AmountField(required=False)
    max_count = StrictIntegerField(required=False, min_value=0, max_value=MAX_COUNT)
    reason = StrictCharField(max_length=500)

    @classmethod
    def order(cls, data: Any) -> dict[str, Any]:
        """What `set_limit` takes."""
        said = cls.read(data)
        figures = {name: said.pop(name, None) for name in ("max_amount", "max_count")}
        reason = said.pop("reason")
        return {"scope": Scope(**said), "reason": reason, **figures}


class EndLimitRequest(StrictSerializer):
    """Why a limit is taken away."""

    example = {"reason": "The bank's own limit is gone."}

    reason = StrictCharField(max_length=500)


class RuleAnswer(serializers.Serializer[Any]):
    """What a limit says; null for all types, all currencies, no such figure.

    Amounts are of the `unit`. A rule for a wallet takes the place of one for its user,
    that one of one for their tier, and that one of one for everybody, where both are
    about the same type, currency and window.
    """

    id = serializers.UUIDField()
    subject = serializers.ChoiceField(SUBJECTS)
    type = serializers.ChoiceField(LimitType.choices, allow_null=True)
    currency = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_null=True)
    window = serializers.ChoiceField(Window.choices)
    max_amount = serializers.CharField(allow_null=True)
    max_count = serializers.IntegerField(allow_null=True)


class CustomerLimitAnswer(RuleAnswer):
    """A limit with its subject, and its life; another one may have taken its place."""

    user_id = serializers.UUIDField(allow_null=True)
    wallet_id = serializers.UUIDField(allow_null=True)
    tier = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class HeadroomAnswer(RuleAnswer):
    """A limit, what is used of it in its window, and what is left.

    What wallets hold is used, where captures count. One operation by itself uses
    nothing.
    """

    used_amount = serializers.CharField(allow_null=True)
    used_count = serializers.IntegerField(allow_null=True)
    headroom_amount = serializers.CharField(allow_null=True)
    headroom_count = serializers.IntegerField(allow_null=True)


class HeadroomsAnswer(serializers.Serializer[Any]):
    """The limits that apply to a user, the shortest window first."""

    user_id = serializers.UUIDField()
    data = HeadroomAnswer(many=True)


def limit_answer(limit: Limit) -> dict[str, Any]:
    """A limit as it was set (see `CustomerLimitAnswer`)."""
    return limit.rule.members() | {
        "user_id": limit.user_id,
        "wallet_id": limit.wallet_id,
        "tier": limit.tier or None,
        "reason": limit.reason,
        "created_at": limit.created_at,
        "ended_at": limit.ended_at,
    }


def headroom_answer(room: Headroom) -> dict[str, Any]:
    """A limit with its use (see `HeadroomAnswer`)."""
    limit, left = room.rule.limit, room.amount
    used = None if limit is None else Money(room.used.amount, limit.currency)
    return room.rule.members() | {
        "used_amount": None if used is None else used.text,
        "used_count": None if room.count is None else room.used.count,
        "headroom_amount": None if left is None else left.text,
        "headroom_count": room.count,
    }
