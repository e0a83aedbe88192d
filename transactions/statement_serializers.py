"""Statements as the schema describes them."""

from typing import Any

from rest_framework import serializers

from transactions.models import Side, TransactionType


class StatementLineAnswer(serializers.Serializer[Any]):
    """What one transaction did to the balance: a credit added, a debit took."""

    transaction_id = serializers.UUIDField()
    type = serializers.ChoiceField(TransactionType.choices)
    user_id = serializers.UUIDField(
        allow_null=True, help_text="Whose operation it was; of a reversal, nobody's."
    )
    reference = serializers.CharField(allow_null=True)
    description = serializers.CharField()
    side = serializers.ChoiceField(Side.choices)
    amount = serializers.CharField()
    balance_after = serializers.CharField()
    wallet_version = serializers.IntegerField()
    effective_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()


class StatementAnswer(serializers.Serializer[Any]):
    """The balances at both ends and, page by page, every line between them.

    `lines` is how many there are on all pages together.
    """

    user_id = serializers.UUIDField()
    currency = serializers.CharField()
    opening_balance = serializers.CharField()
    closing_balance = serializers.CharField()
    lines = serializers.IntegerField()
    data = StatementLineAnswer(many=True)
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)
