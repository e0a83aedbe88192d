"""Orders to convert and quotes, as the API takes and shows them."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fx.fields import CURRENCY_CODE, AmountField, CurrencyCodeField
from fx.models import FixedSide, Quote, QuoteStatus
from fx.money import Money, half_even_to_scale, plain
from fx.policy import LOCKS
from fx.pricing import RATE_EXPONENT
from fx.serializers import ObservationAnswer, observation_answer
from paymentprocessor.api.documentation import SOME_USER
from paymentprocessor.api.fields import (
    StrictChoiceField,
    StrictSerializer,
    StrictUUIDField,
)
from transactions.queries import QuoteDetails
from transactions.serializers import MovementRequest, TransferRequest


class OrderRequest(StrictSerializer):
    """A pair, and how much of one side: sell `from_amount`, or buy `to_amount`."""

    from_currency = CurrencyCodeField()
    to_currency = CurrencyCodeField()
    from_amount = AmountField(required=False)
    to_amount = AmountField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Make `amount` and `fixed_side` of the two."""
        if ("from_amount" in attrs) == ("to_amount" in attrs):
            raise serializers.ValidationError(
                {"from_amount": "Give either from_amount or to_amount."}, code="one_of"
            )
        sells = "from_amount" in attrs
        return attrs | {
            "amount": attrs["from_amount" if sells else "to_amount"],
            "fixed_side": FixedSide.SOURCE if sells else FixedSide.TARGET,
        }


class QuoteRequest(OrderRequest):
    """For whom a price is to be promised, and for how long."""

    example = {
        "user_id": SOME_USER,
        "from_currency": "USD",
        "to_currency": "EUR",
        "from_amount": "100.00",
        "lock": "5m",
    }

    user_id = StrictUUIDField()
    lock = StrictChoiceField(list(LOCKS))


class ConvertRequest(OrderRequest, MovementRequest):
    """An order at the present rate, with guards if one likes, or a quote to use."""

    example = {
        "from_currency": "USD",
        "to_currency": "EUR",
        "amount": "40.00",
        "min_to_amount": "20.00",
    }

    from_currency = CurrencyCodeField(required=False)
    to_currency = CurrencyCodeField(required=False)
    amount = AmountField(required=False, help_text="The same as from_amount.")
    min_to_amount = AmountField(
        required=False, help_text="Nothing happens if it would buy less."
    )
    max_from_amount = AmountField(
        required=False,
        help_text="Nothing happens if it would cost more, not counting the fee.",
    )
    quote_id = StrictUUIDField(required=False)

    _ORDER = (
        "from_currency", "to_currency", "amount", "from_amount", "to_amount",
        "min_to_amount", "max_from_amount",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "quote_id" in attrs:
            # The quote says all of this, and two words could differ.
            spare = {
                name: "The quote says this." for name in self._ORDER if name in attrs
            }
            if spare:
                raise serializers.ValidationError(spare, code="one_of")
            return attrs
        missing = {
            name: "Give it, or a quote_id."
            for name in ("from_currency", "to_currency")
            if name not in attrs
        }
        if missing:
            raise serializers.ValidationError(missing, code="required")
        if "amount" in attrs:
            if "from_amount" in attrs:
                raise serializers.ValidationError(
                    {"amount": "Give amount or from_amount: they are one."},
                    code="one_of",
                )
            attrs["from_amount"] = attrs["amount"]
        return super().validate(attrs)


CHEAPEST = "cheapest"


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": [CHEAPEST]},
            {
                "type": "array",
                "items": {"type": "string", "pattern": f"^{CURRENCY_CODE.pattern}$"},
                "minItems": 1,
                "maxItems": 20,
                "uniqueItems": True,
            },
        ]
    }
)
class SourcesField(serializers.Field[Any, Any, Any, Any]):
    """Currencies to pay from, in their order; None for whichever cost least."""

    default_error_messages = {"repeated": "A currency stands here twice."}

    def __init__(self, **kwargs: Any) -> None:
        self._codes = serializers.ListField(
            child=CurrencyCodeField(), min_length=1, max_length=20
        )
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> list[str] | None:
        if data == CHEAPEST:
            return None
        codes: list[str] = self._codes.run_validation(data)
        if len(set(codes)) < len(codes):
            self.fail("repeated")
        return codes


class PayRequest(TransferRequest):
    """A payment to another user, and which wallets it may come from."""

    example = TransferRequest.example | {"from": "cheapest"}

    def get_fields(self) -> dict[str, Any]:
        # Its name is a word of Python's and cannot be assigned to.
        return super().get_fields() | {"from": SourcesField()}


class RoundingAnswer(serializers.Serializer[Any]):
    """`exact` is `from_amount` times `rate`; `residual` what rounding left of it."""

    mode = serializers.CharField()
    exact = serializers.CharField()
    residual = serializers.CharField()


class QuoteAnswer(serializers.Serializer[Any]):
    """A price promised to one user until `expires_at`, for one conversion.

    `rate` is the price; `inverse_rate` is for display only. The `fee` is in the from
    currency and comes on top of `from_amount`.
    """

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    status = serializers.ChoiceField(QuoteStatus.choices)
    fixed_side = serializers.ChoiceField(FixedSide.choices)
    from_currency = serializers.CharField()
    to_currency = serializers.CharField()
    from_amount = serializers.CharField()
    to_amount = serializers.CharField()
    fee = serializers.CharField()
    rate = serializers.CharField()
    mid_rate = serializers.CharField()
    inverse_rate = serializers.CharField()
    spread_bps = serializers.CharField()
    premium_bps = serializers.CharField()
    widening_bps = serializers.CharField()
    spread_amount = serializers.CharField()
    policy_version = serializers.IntegerField()
    tier = serializers.CharField()
    rate_sources = ObservationAnswer(many=True)
    rounding = RoundingAnswer()
    lock = serializers.ChoiceField(list(LOCKS))
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    transaction_id = serializers.UUIDField(allow_null=True)
    hold_id = serializers.UUIDField(allow_null=True)


def quote_answer(row: Quote, details: QuoteDetails, *, now: datetime) -> dict[str, Any]:
    """A promised price, where it comes from, and what became of it by `now`."""
    source, target = details.source, details.target
    inverse = half_even_to_scale(1 / Fraction(row.client_rate), RATE_EXPONENT)
    expired = row.status == QuoteStatus.OPEN and row.expires_at <= now
    return {
        "id": row.id,
        "user_id": row.user_id,
        "status": QuoteStatus.EXPIRED if expired else row.status,
        "fixed_side": row.fixed_side,
        "from_currency": source.code,
        "to_currency": target.code,
        "from_amount": Money(row.source_amount, source).text,
        "to_amount": Money(row.target_amount, target).text,
        "fee": Money(row.fee, source).text,
        "rate": plain(row.client_rate),
        "mid_rate": plain(row.mid_rate),
        "inverse_rate": plain(inverse),
        "spread_bps": plain(row.spread_bps),
        "premium_bps": plain(row.premium_bps),
        "widening_bps": plain(row.widening_bps),
        "spread_amount": Money(row.spread_amount, target).text,
        "policy_version": details.policy_version,
        "tier": row.tier,
        "rate_sources": [observation_answer(rate) for rate in details.rates],
        "rounding": _rounding(row),
        "lock": row.lock,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "transaction_id": details.transaction_id,
        "hold_id": details.hold_id,
    }


def _rounding(row: Quote) -> dict[str, Any]:
    floored = row.fixed_side == FixedSide.SOURCE
    return {
        "mode": "to_amount rounded down" if floored else "from_amount rounded up",
        "exact": plain(row.exact_target),
        "residual": plain(row.residual),
    }
