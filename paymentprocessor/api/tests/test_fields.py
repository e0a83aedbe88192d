"""Serializers that refuse instead of guessing."""

from typing import Any
from uuid import UUID

import pytest
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from paymentprocessor.api.fields import (
    MetadataField,
    StrictCharField,
    StrictSerializer,
    StrictUUIDField,
)
from paymentprocessor.api.problems import problem_of


class Line(StrictSerializer):
    text = StrictCharField(max_length=5, required=False)


class Order(StrictSerializer):
    id = serializers.CharField(read_only=True)
    text = StrictCharField(max_length=5, required=False)
    metadata = MetadataField(required=False)
    user_id = StrictUUIDField(required=False)
    lines = Line(many=True, required=False)


def wrong(data: Any) -> dict[str, str]:
    """The pointers and codes of what is wrong with an order."""
    with pytest.raises(ValidationError) as error:
        Order.read(data)
    errors = problem_of(error.value).members["errors"]
    return {error["pointer"]: error["code"] for error in errors}


class TestStrictSerializer:
    def test_gives_what_was_sent(self) -> None:
        order = {"text": "a", "metadata": {"k": "v"}, "lines": [{"text": "b"}]}

        assert Order.read(order) == order

    def test_refuses_fields_that_it_does_not_know(self) -> None:
        order = {"preview": True, "a/b": 1, "lines": [{}, {"x": 1}]}

        assert wrong(order) == {
            "/preview": "unknown_field",
            "/a~1b": "unknown_field",
            "/lines/1/x": "unknown_field",
        }

    def test_refuses_fields_that_it_only_answers(self) -> None:
        assert wrong({"id": "1"}) == {"/id": "unknown_field"}

    def test_names_unknown_fields_beside_wrong_ones(self) -> None:
        assert wrong({"preview": True, "text": 1}) == {
            "/preview": "unknown_field",
            "/text": "invalid",
        }

    def test_refuses_what_is_no_object(self) -> None:
        assert wrong({"lines": ["text"]}) == {"/lines/0": "invalid"}


class TestStrictCharField:
    @pytest.mark.parametrize("text", [" a ", "\tb", "é", "12345"])
    def test_keeps_a_string_as_it_is(self, text: str) -> None:
        assert Order.read({"text": text}) == {"text": text}

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            (1, "invalid"),
            (1.5, "invalid"),
            (True, "invalid"),
            (None, "null"),
            ([], "invalid"),
            ({}, "invalid"),
            ("", "blank"),
            ("123456", "max_length"),
            ("a\0", "null_characters_not_allowed"),
            ("\ud800", "surrogate_characters_not_allowed"),
        ],
    )
    def test_refuses_anything_else(self, value: Any, code: str) -> None:
        assert wrong({"text": value}) == {"/text": code}


class TestMetadataField:
    @pytest.mark.parametrize(
        "metadata",
        [
            {},
            {"k": ""},
            {"k" * 40: "v" * 500},
            {str(number): "v" for number in range(50)},
        ],
    )
    def test_takes_a_flat_object_of_strings(self, metadata: dict[str, str]) -> None:
        assert Order.read({"metadata": metadata}) == {"metadata": metadata}

    @pytest.mark.parametrize("value", [[], "text", 1, True])
    def test_refuses_what_is_no_object(self, value: Any) -> None:
        assert wrong({"metadata": value}) == {"/metadata": "not_an_object"}

    def test_refuses_more_than_fifty_keys(self) -> None:
        metadata = {str(number): "v" for number in range(51)}

        assert wrong({"metadata": metadata}) == {"/metadata": "too_many_keys"}

    def test_points_at_each_wrong_entry(self) -> None:
        metadata = {
            "number": 1,
            "nothing": None,
            "nested": {"a": "b"},
            "long/value": "v" * 501,
            "k" * 41: "v",
            "": "v",
            "fine": "v",
        }

        assert wrong({"metadata": metadata}) == {
            "/metadata/number": "not_a_string",
            "/metadata/nothing": "not_a_string",
            "/metadata/nested": "not_a_string",
            "/metadata/long~1value": "max_length",
            f"/metadata/{'k' * 41}": "invalid_key",
            "/metadata/": "invalid_key",
        }


class TestStrictUUIDField:
    def test_takes_a_string(self) -> None:
        text = "01a203bc-906b-71b6-bc24-b6c5c113f7ff"

        assert Order.read({"user_id": text}) == {"user_id": UUID(text)}

    @pytest.mark.parametrize("value", [1, True, "x", ["1"]])
    def test_refuses_what_only_could_be_one(self, value: object) -> None:
        assert wrong({"user_id": value}) == {"/user_id": "invalid"}
