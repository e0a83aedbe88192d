"""Batches as the API takes them, and its answers as the schema describes them."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from fx.fields import CurrencyCodeField
from paymentprocessor.api.documentation import SOME_USER
from paymentprocessor.api.fields import (
    StrictBooleanField,
    StrictChoiceField,
    StrictSerializer,
    StrictUUIDField,
)
from transactions.batches import MAX_ITEMS
from transactions.orders import ConvertRequest
from transactions.serializers import (
    AmountRequest,
    ConversionAnswer,
    MovementAnswer,
    TransferAnswer,
    TransferRequest,
)

# Nobody reads more, and each costs time and bytes.
_MAX_ERRORS = 100


class ItemRequest(StrictSerializer):
    """An item says whose it is; what is about the whole batch it does not say."""

    user_id = StrictUUIDField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        return {
            name: fields[name] for name in fields if name not in ("preview", "quote_id")
        }


class FundItem(ItemRequest, AmountRequest):
    """Money that arrived from outside for a user."""

    type = StrictChoiceField(["fund"])


class WithdrawalItem(ItemRequest, AmountRequest):
    """Money that leaves a user's wallet for the outside."""

    type = StrictChoiceField(["withdrawal"])


class TransferItem(ItemRequest, TransferRequest):
    """A payment of a user's to another."""

    type = StrictChoiceField(["transfer"])


class ConversionItem(ItemRequest, ConvertRequest):
    """A conversion between two of a user's wallets, at the present rate."""

    type = StrictChoiceField(["conversion"])
    from_currency = CurrencyCodeField()
    to_currency = CurrencyCodeField()


ITEMS: dict[str, type[StrictSerializer]] = {
    "fund": FundItem,
    "withdrawal": WithdrawalItem,
    "transfer": TransferItem,
    "conversion": ConversionItem,
}


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="BatchItem",
        serializers=list(ITEMS.values()),
        resource_type_field_name=None,
        many=True,
    )
)
class ItemsField(serializers.Field[list[dict[str, Any]], Any, Any, Any]):
    """The items, each read by the fields of its type.

    One serializer of each type reads them all: to make one costs more than to use it.
    """

    default_error_messages = {
        "not_a_list": "Must be a list of items.",
        "empty": "A batch has at least one item.",
        "too_many": f"A batch has at most {MAX_ITEMS} items.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._readers = {type_: item() for type_, item in ITEMS.items()}

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if not data:
            self.fail("empty")
        if len(data) > MAX_ITEMS:
            self.fail("too_many")
        items: list[dict[str, Any]] = []
        errors: dict[str, Any] = {}
        for index, raw in enumerate(data):
            try:
                items.append(self._read(raw))
            except serializers.ValidationError as error:
                errors[str(index)] = error.detail
                if len(errors) == _MAX_ERRORS:
                    break
        if errors:
            raise serializers.ValidationError(errors)
        return items

    def _read(self, raw: Any) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise serializers.ValidationError("Must be an object.", code="not_a_dict")
        reader = self._readers.get(str(raw.get("type")))
        if reader is None:
            detail = f"Must be one of {', '.join(ITEMS)}."
            error = ErrorDetail(detail, code="invalid_choice")
            raise serializers.ValidationError({"type": [error]})
        item: dict[str, Any] = reader.run_validation(raw)
        return item


class BatchRequest(StrictSerializer):
    """Movements in the order in which they are to take effect."""

    example = {
        "atomic": True,
        "items": [
            {"type": "fund", "user_id": SOME_USER, **AmountRequest.example},
            {"type": "conversion", "user_id": SOME_USER, **ConvertRequest.example},
        ],
    }

    items = ItemsField()
    atomic = StrictBooleanField(help_text="All or nothing, or each item by itself.")
    preview = StrictBooleanField(
        required=False,
        help_text="Show what would happen, to the last digit, and do nothing.",
    )


class ItemProblem(serializers.Serializer[Any]):
    """Why an item was refused, and what further members its code has."""

    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    members = serializers.DictField()


class ItemAnswer(serializers.Serializer[Any]):
    """What came of an item: the answer it would have had by itself, or a problem."""

    index = serializers.IntegerField()
    status = serializers.ChoiceField(["posted", "refused"])
    transaction = PolymorphicProxySerializer(
        component_name="ItemTransaction",
        serializers=[MovementAnswer, TransferAnswer, ConversionAnswer],
        resource_type_field_name=None,
        required=False,
    )
    problem = ItemProblem(required=False)


class BatchAnswer(serializers.Serializer[Any]):
    """What came of a batch, item by item in their order."""

    batch_id = serializers.UUIDField(allow_null=True)
    atomic = serializers.BooleanField()
    preview = serializers.BooleanField(required=False)
    item_count = serializers.IntegerField()
    posted_count = serializers.IntegerField()
    refused_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    results = ItemAnswer(many=True)
