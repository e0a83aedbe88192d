"""Hedges as the API takes them, and the answers of the treasury in the schema."""

from typing import Any

from rest_framework import serializers

from fx.fields import AmountField, CurrencyCodeField
from paymentprocessor.api.fields import StrictCharField
from transactions.models import TransactionType
from transactions.serializers import EntryAnswer, MovementRequest, PreviewableAnswer

SIDES = ("long", "short", "flat")


class HedgeRequest(MovementRequest):
    """What the house sold and bought in the market, to whom, and why."""

    example = {
        "sell_currency": "USD",
        "sell_amount": "1000.00",
        "buy_currency": "MXN",
        "buy_amount": "18700.00",
        "counterparty": "The bank",
        "reason": "To close the day.",
    }

    description = None
    sell_currency = CurrencyCodeField()
    sell_amount = AmountField()
    buy_currency = CurrencyCodeField()
    buy_amount = AmountField()
    counterparty = StrictCharField(max_length=200)
    reason = StrictCharField(max_length=500)


class HedgeAnswer(PreviewableAnswer):
    """What the house sold and bought, and the entries that book it."""

    type = serializers.ChoiceField(TransactionType.choices)
    sell_currency = serializers.CharField()
    sell_amount = serializers.CharField()
    buy_currency = serializers.CharField()
    buy_amount = serializers.CharField()
    counterparty = serializers.CharField()
    entries = EntryAnswer(many=True)


class LimitAnswer(serializers.Serializer[Any]):
    """How far a position may go, long or short; null is no limit."""

    soft = serializers.CharField(allow_null=True)
    hard = serializers.CharField(allow_null=True)
    widen_bps = serializers.CharField()


class PositionAnswer(serializers.Serializer[Any]):
    """One currency. Costs, values and results are in the reporting currency.

    `value` is the position at `mid`, `unrealised` that less `cost`. What is null is
    not known: there is no trustworthy rate now, or there was none when a trade was
    made. `income` is what spreads and fees earned in the currency, and `exposure` that
    and the position together.
    """

    currency = serializers.CharField()
    side = serializers.ChoiceField([(side, side) for side in SIDES])
    position = serializers.CharField()
    average_cost = serializers.CharField(allow_null=True)
    cost = serializers.CharField(allow_null=True)
    mid_rate = serializers.CharField(allow_null=True)
    value = serializers.CharField(allow_null=True)
    realised = serializers.CharField(allow_null=True)
    unrealised = serializers.CharField(allow_null=True)
    income = serializers.CharField()
    exposure = serializers.CharField()
    limit = LimitAnswer(allow_null=True)


class PositionsAnswer(serializers.Serializer[Any]):
    """All positions at an instant."""

    reporting_currency = serializers.CharField()
    at = serializers.DateTimeField()
    realised = serializers.CharField(allow_null=True)
    unrealised = serializers.CharField(allow_null=True)
    positions = PositionAnswer(many=True)
