"""Serializer fields: what requests may say, and what answers say."""

from decimal import Decimal

import pytest
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from fx.fields import (
    AmountField,
    AmountFieldSchema,
    CurrencyCodeField,
    CurrencyCodeFieldSchema,
)
from fx.money import Denomination, Money


class PaymentSerializer(serializers.Serializer):
    amount = AmountField()
    currency = CurrencyCodeField()


class TestAmountField:
    def test_reads_exactly_what_is_written(self):
        request = PaymentSerializer(data={"amount": "100.50", "currency": "USD"})

        assert request.is_valid()
        assert str(request.validated_data["amount"]) == "100.50"

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            ("1e2", "invalid_amount"),
            (1.5, "invalid_amount"),
            (True, "invalid_amount"),
            ("0.00", "not_positive"),
            (0, "not_positive"),
            ("0.123456789", "too_precise"),
            (None, "null"),
        ],
    )
    def test_refuses_with_a_code_of_its_own(self, raw, code):
        request = PaymentSerializer(data={"amount": raw, "currency": "USD"})

        assert not request.is_valid()
        assert request.errors["amount"][0].code == code

    def test_reports_along_with_the_other_fields(self):
        request = PaymentSerializer(data={"amount": "-1", "currency": "dollars"})

        assert not request.is_valid()
        assert set(request.errors) == {"amount", "currency"}

    def test_writes_at_the_scale_of_the_currency(self):
        payment = {
            "amount": Money.of(Decimal(5), Denomination("USD", 2)),
            "currency": "USD",
        }

        assert PaymentSerializer(payment).data == {"amount": "5.00", "currency": "USD"}

    def test_is_a_string_or_number_in_requests_and_a_string_in_answers(self):
        schema = AmountFieldSchema(AmountField())

        asked = schema.map_serializer_field(AutoSchema(), "request")
        answered = schema.map_serializer_field(AutoSchema(), "response")

        assert [kind["type"] for kind in asked["oneOf"]] == ["string", "number"]
        assert answered["type"] == "string"


class TestCurrencyCodeField:
    @pytest.mark.parametrize("code", ["USD", "USDC", "1INCH", "ABCDEFGHIJKL"])
    def test_takes_any_code(self, code):
        assert CurrencyCodeField().run_validation(code) == code

    @pytest.mark.parametrize(
        "code", ["usd", "US", "", "USD ", "USD\n", "U$D", "ABCDEFGHIJKLM", 123, ["USD"]]
    )
    def test_refuses_what_is_no_code(self, code):
        with pytest.raises(serializers.ValidationError) as caught:
            CurrencyCodeField().run_validation(code)

        assert caught.value.get_codes() == ["invalid_currency"]

    def test_is_a_string_in_the_schema(self):
        schema = CurrencyCodeFieldSchema(CurrencyCodeField())

        assert schema.map_serializer_field(AutoSchema(), "request")["type"] == "string"
