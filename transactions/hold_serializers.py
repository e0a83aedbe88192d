"""Holds as the API takes them, and its answers as the schema describes them."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fx.fields import AmountField, CurrencyCodeField
from paymentprocessor.api.documentation import SOME_USER
from paymentprocessor.api.fields import (
    StrictBooleanField,
    StrictCharField,
    StrictInstantField,
    StrictSerializer,
    StrictUUIDField,
)
from transactions.models import HoldStatus
from transactions.serializers import (
    MovementAnswer,
    MovementRequest,
    PriceAnswer,
    TransactionPage,
)


@extend_schema_field({"type": "integer", "minimum": 1, "example": 604_800})
class SecondsField(serializers.Field[timedelta, Any, int, timedelta]):
    """A whole number of seconds, of at least one and at most `MAX_HOLD_DAYS`."""

    def to_internal_value(self, data: Any) -> timedelta:
        most = settings.MAX_HOLD_DAYS * 24 * 60 * 60
        is_whole = isinstance(data, int) and not isinstance(data, bool)
        if not is_whole or not 1 <= data <= most:
            raise serializers.ValidationError(
                f"Must be a whole number of seconds from 1 to {most}.", code="invalid"
            )
        return timedelta(seconds=data)

    def to_representation(self, value: timedelta) -> int:
        return int(value.total_seconds())


class PlaceHoldRequest(MovementRequest):
    """How much of whose money is promised, to whom, and for how long.

    Without `to_user_id` it is the house's cash that captures pay. Without an expiry the
    hold lasts `HOLD_DAYS`. With `to_currency` its captures convert, at a price that is
    frozen now; a `quote_id` says which, with the currencies and the amount.
    """

    example = {
        "user_id": SOME_USER,
        "currency": "USD",
        "amount": "80.00",
        "expires_in": 604_800,
    }

    user_id = StrictUUIDField()
    currency = CurrencyCodeField(required=False)
    amount = AmountField(required=False)
    to_currency = CurrencyCodeField(required=False)
    quote_id = StrictUUIDField(required=False)
    to_user_id = StrictUUIDField(required=False)
    expires_in = SecondsField(required=False, help_text="Seconds from now.")
    expires_at = StrictInstantField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "expires_in" in attrs and "expires_at" in attrs:
            raise serializers.ValidationError(
                {"expires_at": "Give either expires_in or expires_at."}, code="one_of"
            )
        if "quote_id" in attrs:
            spare = {"currency", "amount", "to_currency"} & attrs.keys()
            _refuse(spare, "The quote says this.", "one_of")
        else:
            missing = {"currency", "amount"} - attrs.keys()
            _refuse(missing, "Give it, or a quote_id.", "required")
        return attrs


def _refuse(names: set[str], detail: str, code: str) -> None:
    if names:
        raise serializers.ValidationError(dict.fromkeys(names, detail), code=code)


class CaptureHoldRequest(MovementRequest):
    """How much is paid out, all that is left unless `amount` says; `final` ends it."""

    example = {"amount": "30.00", "final": True}

    amount = AmountField(required=False)
    final = StrictBooleanField(
        required=False, help_text="Give up what is left after this capture."
    )


class VoidHoldRequest(StrictSerializer):
    """Why a hold is given up."""

    example = {"reason": "The order was cancelled."}

    reason = StrictCharField(max_length=500, required=False, allow_blank=True)
    preview = StrictBooleanField(
        required=False,
        help_text="Show what would happen, to the last digit, and do nothing.",
    )


class ResultingWalletAnswer(serializers.Serializer[Any]):
    """What a wallet would have."""

    balance = serializers.CharField()
    held = serializers.CharField()
    available = serializers.CharField()


class HoldAnswer(serializers.Serializer[Any]):
    """One hold; `left` is what can still be captured, and `fee` what it costs in all.

    A preview is answered alike, without an id if there is none yet, and with what the
    wallet would have then.
    """

    id = serializers.UUIDField(allow_null=True)
    user_id = serializers.UUIDField()
    currency = serializers.CharField()
    amount = serializers.CharField()
    fee = serializers.CharField()
    quote_id = serializers.UUIDField(allow_null=True)
    to_currency = serializers.CharField(allow_null=True)
    to_amount = serializers.CharField(allow_null=True)
    fx_rate = serializers.CharField(allow_null=True)
    to_user_id = serializers.UUIDField(allow_null=True)
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    reference = serializers.CharField(allow_null=True)
    description = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    idempotency_key = serializers.CharField(allow_null=True)
    captured = serializers.CharField()
    left = serializers.CharField()
    status = serializers.ChoiceField(HoldStatus.choices)
    ended_at = serializers.DateTimeField(allow_null=True)
    void_reason = serializers.CharField()
    preview = serializers.BooleanField(required=False)
    wallet = ResultingWalletAnswer(required=False)


class HoldWithCapturesAnswer(HoldAnswer):
    """One hold with a page of its captures, the newest first."""

    captures = TransactionPage()


class HoldPage(serializers.Serializer[Any]):
    """Holds, the newest first."""

    data = HoldAnswer(many=True)
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)


class CaptureAnswer(MovementAnswer):
    """What was paid out, of which hold and to whom; nobody is the house's cash."""

    hold_id = serializers.UUIDField()
    to_user_id = serializers.UUIDField(allow_null=True)
    conversion = PriceAnswer(allow_null=True)
