"""Serializer fields that take a value as it is or refuse it."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from paymentprocessor.api.errors import ValidationError
from paymentprocessor.api.parameters import parse_instant

MAX_KEYS = 50
MAX_KEY_LENGTH = 40
MAX_VALUE_LENGTH = 500


class StrictSerializer(serializers.Serializer[Any]):
    """A request body; fields that it does not know are refused.

    A client that sends `"preview": true` to a server which does not know it yet
    must not find its money moved.
    """

    def parsed(self) -> dict[str, Any]:
        """The validated fields.

        :raises rest_framework.exceptions.ValidationError: with every wrong field.
        """
        fields: dict[str, Any] = _reader(type(self)).run_validation(self.initial_data)
        return fields

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        unknown = self._unknown(data)
        try:
            parsed: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            errors = cast("dict[str, Any]", error.detail)
            raise serializers.ValidationError(errors | unknown) from None
        if unknown:
            raise serializers.ValidationError(unknown)
        return parsed

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {name for name, field in self.fields.items() if not field.read_only}
        error = ErrorDetail("There is no such field.", code="unknown_field")
        return {name: [error] for name in data if name not in known}


@cache
def _reader(kind: type[StrictSerializer]) -> StrictSerializer:
    """One serializer of a kind, for all requests: reading leaves nothing behind in it.

    Each new one copies all its fields, which took longer than to read them.
    """
    return kind()


class StrictBooleanField(serializers.BooleanField):
    """true or false; DRF would take "yes", 1 and "off"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictCharField(serializers.CharField):
    """A JSON string, kept to the last blank; DRF would take numbers and trim."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A JSON integer; DRF would take "3" and 3.0."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictUUIDField(serializers.UUIDField):
    """A UUID as a JSON string; DRF would also take an integer of that value."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class StrictInstantField(serializers.DateTimeField):
    """An instant with its offset from UTC; DRF would take one without."""

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="ISO 8601 with an offset")
        try:
            return parse_instant(value, "")
        except ValidationError as refusal:
            [error] = refusal.members["errors"]
            raise serializers.ValidationError(
                error["detail"], code=error["code"]
            ) from refusal


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MAX_KEYS,
        "propertyNames": {"minLength": 1, "maxLength": MAX_KEY_LENGTH},
        "additionalProperties": {"type": "string", "maxLength": MAX_VALUE_LENGTH},
    }
)
class MetadataField(serializers.Field[dict[str, str], Any, dict[str, str], Any]):
    """What the client wants to remember: a flat JSON object of strings."""

    default_error_messages = {
        "not_an_object": "Must be a JSON object.",
        "too_many_keys": f"Must have at most {MAX_KEYS} keys.",
    }

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        if len(data) > MAX_KEYS:
            self.fail("too_many_keys")
        errors = {
            key: [error]
            for key, value in data.items()
            if (error := _entry_error(key, value))
        }
        if errors:
            raise serializers.ValidationError(errors)
        return data

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return value


def _entry_error(key: str, value: Any) -> ErrorDetail | None:
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        detail = f"The key must have 1 to {MAX_KEY_LENGTH} characters."
        return ErrorDetail(detail, code="invalid_key")
    if not isinstance(value, str):
        return ErrorDetail("Must be a string.", code="not_a_string")
    if len(value) > MAX_VALUE_LENGTH:
        detail = f"Must have at most {MAX_VALUE_LENGTH} characters."
        return ErrorDetail(detail, code="max_length")
    return None
