"""Movements as the API takes them, and its answers as the schema describes them."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from fx.fields import AmountField, CurrencyCodeField
from fx.models import FixedSide
from fx.serializers import ObservationAnswer
from paymentprocessor.api.documentation import SOME_USER
from paymentprocessor.api.fields import (
    MetadataField,
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictSerializer,
    StrictUUIDField,
)
from transactions.models import Side, TransactionType

_ONE_LINE = RegexValidator(r"^[^\r\n\t]*\Z", "Must be one line.", code="not_one_line")


class MovementRequest(StrictSerializer):
    """The client's own words, which every movement takes."""

    reference = StrictCharField(
        max_length=255,
        required=False,
        validators=[_ONE_LINE],
        help_text="Your own name for this transaction; unique per user for ever.",
    )
    description = StrictCharField(max_length=500, required=False, allow_blank=True)
    metadata = MetadataField(required=False)
    preview = StrictBooleanField(
        required=False,
        help_text="Show what would happen, to the last digit, and do nothing.",
    )


class AmountRequest(MovementRequest):
    """A fund or a withdrawal."""

    example = {"currency": "USD", "amount": "100.00"}

    currency = CurrencyCodeField()
    amount = AmountField()


class TransferRequest(AmountRequest):
    """A payment to another user."""

    example = {"currency": "USD", "amount": "5.00", "to_user_id": SOME_USER}

    to_user_id = StrictUUIDField()


class ReverseRequest(MovementRequest):
    """Why a transaction is undone; it becomes the reversal's description."""

    example = {"reason": "It was booked twice."}

    description = None
    reason = StrictCharField(max_length=500)


class RefundRequest(ReverseRequest):
    """How much of a payment is given back, and why."""

    example = {"amount": "10.00", "reason": "One of two items came back."}

    amount = AmountField()


class AdjustRequest(RefundRequest):
    """What a wallet is corrected by, on which side, and why."""

    example = {
        "currency": "USD",
        "side": "credit",
        "amount": "1.00",
        "reason": "The bank had taken it twice.",
    }

    currency = CurrencyCodeField()
    side = StrictChoiceField(
        Side.choices, help_text="A credit adds to the balance, a debit takes from it."
    )


class WordsAnswer(serializers.Serializer[Any]):
    """What the client said, and when it was."""

    reference = serializers.CharField(allow_null=True)
    description = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    effective_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()


class EntryAnswer(serializers.Serializer[Any]):
    """One line; a customer's credits add to the balance, debits take from it."""

    wallet_user_id = serializers.UUIDField(allow_null=True)
    account = serializers.CharField()
    currency = serializers.CharField()
    side = serializers.ChoiceField(Side.choices)
    amount = serializers.CharField()
    balance_after = serializers.CharField(allow_null=True)
    wallet_version = serializers.IntegerField(allow_null=True)


class PreviewableAnswer(WordsAnswer):
    """A preview is answered alike, with the entries there would be and no id."""

    transaction_id = serializers.UUIDField(allow_null=True)
    preview = serializers.BooleanField(required=False)
    entries = EntryAnswer(many=True, required=False)


class MovementAnswer(PreviewableAnswer):
    """What moved, and what the user has now."""

    type = serializers.ChoiceField(TransactionType.choices)
    user_id = serializers.UUIDField()
    currency = serializers.CharField()
    amount = serializers.CharField()
    fee = serializers.CharField()
    new_balance = serializers.CharField()
    wallet_version = serializers.IntegerField()


class TransferAnswer(MovementAnswer):
    """What was paid, and to whom."""

    to_user_id = serializers.UUIDField()


class PriceAnswer(serializers.Serializer[Any]):
    """How a conversion came by its amounts.

    Where the source is fixed, `to_amount` is `from_amount` times `fx_rate`, cut off at
    the target's scale; where the target is, `from_amount` is `to_amount` divided by
    `fx_rate`, rounded up at the source's. A capture has a share of its hold's amounts.
    `fx_rate` is `mid_rate` less the spread, of which `premium_bps` is for a lock and
    `widening_bps` for a position near its limit. The `fee` comes on top of
    `from_amount`.
    """

    from_currency = serializers.CharField()
    to_currency = serializers.CharField()
    from_amount = serializers.CharField()
    to_amount = serializers.CharField()
    fee = serializers.CharField()
    fixed_side = serializers.ChoiceField(FixedSide.choices)
    quote_id = serializers.UUIDField(allow_null=True)
    fx_rate = serializers.CharField()
    mid_rate = serializers.CharField()
    spread_bps = serializers.CharField()
    premium_bps = serializers.CharField()
    widening_bps = serializers.CharField()
    policy_id = serializers.UUIDField(allow_null=True)
    spread_amount = serializers.CharField()
    exact_to_amount = serializers.CharField()
    rounding_residual = serializers.CharField()
    rate_as_of = serializers.DateTimeField()
    rate_ids = serializers.ListField(child=serializers.UUIDField())


class AdjustmentAnswer(MovementAnswer):
    """What was corrected; a credit added to the balance."""

    side = serializers.ChoiceField(Side.choices)


class RefundAnswer(TransferAnswer):
    """What was given back, to whom, and of which payment."""

    refunds = serializers.UUIDField()


class ReversalAnswer(PreviewableAnswer):
    """What was undone, and the entries that did it."""

    type = serializers.ChoiceField(TransactionType.choices)
    user_id = serializers.UUIDField(allow_null=True)
    reverses = serializers.UUIDField()


class ConversionAnswer(PriceAnswer, PreviewableAnswer):
    """Both amounts, the price, and both balances it left."""

    type = serializers.ChoiceField(TransactionType.choices)
    user_id = serializers.UUIDField()
    balances = serializers.DictField(child=serializers.CharField())
    wallet_versions = serializers.DictField(child=serializers.IntegerField())


class PaymentAnswer(TransferAnswer):
    """What was paid, and the conversions that were made for it, in their order."""

    conversions = ConversionAnswer(many=True)


class TransactionAnswer(WordsAnswer):
    """One transaction with its entries."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(TransactionType.choices)
    user_id = serializers.UUIDField(allow_null=True)
    idempotency_key = serializers.CharField(allow_null=True)
    reverses = serializers.UUIDField(allow_null=True)
    reversed_by = serializers.UUIDField(allow_null=True)
    part_of = serializers.UUIDField(allow_null=True)
    refunds = serializers.UUIDField(allow_null=True)
    refunded_by = serializers.ListField(child=serializers.UUIDField())
    refundable = serializers.CharField(allow_null=True)
    hold = serializers.UUIDField(allow_null=True)
    fee = serializers.CharField(allow_null=True)
    conversion = PriceAnswer(allow_null=True)
    entries = EntryAnswer(many=True)


class TransactionPage(serializers.Serializer[Any]):
    """Transactions, the newest first."""

    data = TransactionAnswer(many=True)
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)


class StepAnswer(serializers.Serializer[Any]):
    """One line of a calculation."""

    what = serializers.CharField()
    calculation = serializers.CharField()
    result = serializers.CharField()


class ExplanationAnswer(serializers.Serializer[Any]):
    """A conversion done again from its observations, beside what was booked."""

    transaction_id = serializers.UUIDField()
    policy_version = serializers.IntegerField()
    rates = ObservationAnswer(many=True)
    steps = StepAnswer(many=True)
    booked = serializers.DictField(child=serializers.CharField())
    recomputed = serializers.DictField(child=serializers.CharField())
    matches = serializers.BooleanField()


class BalancesAnswer(serializers.Serializer[Any]):
    """What a user holds, by currency code."""

    user_id = serializers.UUIDField()
    balances = serializers.DictField(child=serializers.CharField())


class AccountTotalAnswer(serializers.Serializer[Any]):
    """All debits and credits of one house account, or of all customers together."""

    account = serializers.CharField()
    debits = serializers.CharField()
    credits = serializers.CharField()


class CurrencyTotalsAnswer(serializers.Serializer[Any]):
    """One currency's accounts; `difference` is zero."""

    currency = serializers.CharField()
    accounts = AccountTotalAnswer(many=True)
    debits = serializers.CharField()
    credits = serializers.CharField()
    difference = serializers.CharField()


class TrialBalanceAnswer(serializers.Serializer[Any]):
    """The whole ledger added up, currency by currency."""

    data = CurrencyTotalsAnswer(many=True)
