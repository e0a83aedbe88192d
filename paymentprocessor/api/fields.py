"""Serializer fields that take a value as it is or refuse it.

REST framework makes some thirty calls for each field that it reads, to be able to say
what is wrong with it. Almost every body is right, so most of these fields have a
`plain_value` besides, which gives what a value beyond doubt reads as, and raises
`ValueError` or a `ValidationError` for all others. A serializer of such
fields reads by them, and by REST framework where there is a doubt: nothing is refused
that REST framework would not refuse, and in its words.
"""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, cached_property
from typing import Any, ClassVar, NamedTuple, cast
from uuid import UUID

from django.core.exceptions import ValidationError as InvalidValue
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from paymentprocessor.api.errors import ValidationError
from paymentprocessor.api.parameters import parse_instant

MAX_KEYS = 50
MAX_KEY_LENGTH = 40
MAX_VALUE_LENGTH = 500


class PlainField(NamedTuple):
    """How a field is read when there is nothing wrong with it."""

    name: str
    is_required: bool
    value: Callable[[Any], Any]


class StrictSerializer(serializers.Serializer[Any]):
    """A request body; fields that it does not know are refused.

    A client that sends `"preview": true` to a server which does not know it yet
    must not find its money moved.
    """

    # A body for the documentation, of this very class: what is inherited is not told.
    example: ClassVar[dict[str, Any]]

    @classmethod
    def read(cls, data: Any) -> dict[str, Any]:
        """The validated fields of a body.

        :raises rest_framework.exceptions.ValidationError: with every wrong field.
        """
        fields: dict[str, Any] = _reader(cls).run_validation(data)
        return fields

    def run_validation(self, data: Any = serializers.empty) -> Any:
        plain = self._plainly(data)
        return super().run_validation(data) if plain is None else plain

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

    def _plainly(self, data: Any) -> dict[str, Any] | None:
        """The validated fields, or None if there is a doubt about any of them."""
        plain_fields = self._plain_fields
        if plain_fields is None or type(data) is not dict:
            return None
        read: dict[str, Any] = {}
        try:
            for name, is_required, value in plain_fields:
                if name in data:
                    read[name] = value(data[name])
                elif is_required:
                    return None
            if len(read) < len(data):
                return None
            validated: dict[str, Any] = self.validate(read)
        except (ValueError, InvalidValue, serializers.ValidationError):
            return None
        return validated

    @cached_property
    def _plain_fields(self) -> list[PlainField] | None:
        """All fields, if each of them can be read plainly."""
        plain = [_plain_field(field, self) for field in self.fields.values()]
        known = [field for field in plain if field is not None]
        return known if len(known) == len(plain) and not self.validators else None

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


def _plain_field(field: Any, serializer: StrictSerializer) -> PlainField | None:
    if (
        not hasattr(field, "plain_value")
        or field.default is not serializers.empty
        or field.source != field.field_name
        or field.read_only
        or hasattr(serializer, f"validate_{field.field_name}")
    ):
        return None
    return PlainField(field.field_name, field.required, field.plain_value)


class StrictBooleanField(serializers.BooleanField):
    """true or false; DRF would take "yes", 1 and "off"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data

    plain_value = to_internal_value


class StrictCharField(serializers.CharField):
    """A JSON string, kept to the last blank; DRF would take numbers and trim."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})
        self._further_validators = list(kwargs.get("validators") or ())
        longest = sys.maxsize if self.max_length is None else self.max_length
        self._plain_lengths = range(self.min_length or 1, longest + 1)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)

    def plain_value(self, data: Any) -> str:
        # What can be printed has neither NUL nor half of a surrogate pair in it.
        if (
            not isinstance(data, str)
            or len(data) not in self._plain_lengths
            or not data.isprintable()
            or self.trim_whitespace
        ):
            raise ValueError
        for validate in self._further_validators:
            validate(data)
        return data


class StrictChoiceField(serializers.ChoiceField):
    """One of a few words; DRF would take whatever is printed like one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        word: str = super().to_internal_value(data)
        return word

    plain_value = to_internal_value


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

    plain_value = to_internal_value


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

    plain_value = to_internal_value

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
