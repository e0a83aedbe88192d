"""Serializer fields for amounts and currency codes.

DRF's own DecimalField also takes "1_000", " 12 ", "1e2" and the digits of all scripts;
these take only what has one reading.
"""

import re
from decimal import Decimal
from typing import Any, NoReturn

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from fx.money import (
    MAX_AMOUNT,
    MAX_EXPONENT,
    MAX_INTEGER_DIGITS,
    Money,
    parse_amount,
    positive,
)
from paymentprocessor.api.errors import ValidationError

AMOUNT_PATTERN = (
    rf"^(0|[1-9][0-9]{{0,{MAX_INTEGER_DIGITS - 1}}})(\.[0-9]{{1,{MAX_EXPONENT}}})?$"
)
_AMOUNT = re.compile(AMOUNT_PATTERN)
CURRENCY_CODE = re.compile(r"[A-Z0-9]{3,12}")


class AmountField(serializers.Field[Any, Any, str, Any]):
    """An amount greater than zero: in as a string or JSON number, out as a string.

    Gives the `Decimal` as it was written. Whether it fits the currency's scale is for
    `fx.money.fits`, once the currency is known. Writes a `Money`, at its scale.
    """

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            return positive(parse_amount(data))
        except ValidationError as refusal:
            _fail(refusal)

    def plain_value(self, data: Any) -> Decimal:
        """An amount beyond doubt, see `paymentprocessor.api.fields`."""
        if not isinstance(data, str) or not _AMOUNT.fullmatch(data):
            return self.to_internal_value(data)
        amount = Decimal(data)
        if not amount:
            raise ValueError
        return amount

    def to_representation(self, value: Money) -> str:
        return value.text


class DecimalTextField(serializers.Field[str, Any, str, str]):
    """A number of zero or more, kept as the text it was written in.

    At most `most`, with at most `decimals` decimals.
    """

    default_error_messages = {
        "too_great": "Must be at most {most}.",
        "too_precise": "Must have at most {decimals} decimals.",
    }

    def __init__(
        self, *, most: Decimal = MAX_AMOUNT, decimals: int = MAX_EXPONENT, **kwargs: Any
    ) -> None:
        self.most = most
        self.decimals = decimals
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        try:
            number = parse_amount(data)
        except ValidationError as refusal:
            _fail(refusal)
        if number > self.most:
            self.fail("too_great", most=self.most)
        text = format(number, "f")
        if len(text.partition(".")[2]) > self.decimals:
            self.fail("too_precise", decimals=self.decimals)
        return text

    def to_representation(self, value: str) -> str:
        return value


class CurrencyCodeField(serializers.Field[str, Any, str, str]):
    """A currency code as written; whether there is such a currency comes later."""

    default_error_messages = {
        "invalid_currency": "A currency code is 3 to 12 capital letters or digits."
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not CURRENCY_CODE.fullmatch(data):
            self.fail("invalid_currency")
        return data

    plain_value = to_internal_value

    def to_representation(self, value: str) -> str:
        return value


class AmountFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """How an amount reads in the OpenAPI document; requests may also use a number."""

    target_class = "fx.fields.AmountField"

    def map_serializer_field(
        self, _auto_schema: AutoSchema, direction: str
    ) -> dict[str, Any]:
        text = {"type": "string", "pattern": AMOUNT_PATTERN, "example": "100.00"}
        if direction == "response":
            return text
        return {"oneOf": [text, {"type": "number", "exclusiveMinimum": 0}]}


class DecimalTextFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """How such a number reads in the OpenAPI document."""

    target_class = "fx.fields.DecimalTextField"
    match_subclasses = True

    def map_serializer_field(
        self, _auto_schema: AutoSchema, _direction: str
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": AMOUNT_PATTERN, "example": "45"}


class CurrencyCodeFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """How a currency code reads in the OpenAPI document."""

    target_class = "fx.fields.CurrencyCodeField"

    def map_serializer_field(
        self, _auto_schema: AutoSchema, _direction: str
    ) -> dict[str, Any]:
        pattern = f"^{CURRENCY_CODE.pattern}$"
        return {"type": "string", "pattern": pattern, "example": "USD"}


def _fail(refusal: ValidationError) -> NoReturn:
    # As DRF's own error, so that it is reported along with those of the other fields
    # and under the name that this field has there.
    [error] = refusal.members["errors"]
    raise serializers.ValidationError(error["detail"], code=error["code"]) from refusal
