"""Users as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from paymentprocessor.api.fields import StrictCharField, StrictSerializer
from users.models import TIER_PATTERN, User


class UserRequest(StrictSerializer):
    """What may be said of a user; all of it is optional."""

    example = {"name": "Alice Example", "email": "alice@example.com"}

    external_id = StrictCharField(
        max_length=255,
        required=False,
        allow_null=True,
        help_text="Your own name for this user; unique, also among the deleted.",
    )
    name = StrictCharField(max_length=200, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    tier = serializers.RegexField(
        TIER_PATTERN,
        required=False,
        trim_whitespace=False,
        help_text="A lower-case word; decides on prices, fees and limits.",
    )


class UserAnswer(serializers.Serializer[User]):
    """One user."""

    id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    email = serializers.CharField()
    tier = serializers.CharField()
    created_at = serializers.DateTimeField()


class UserPage(serializers.Serializer[Any]):
    """Users, the newest first."""

    data = UserAnswer(many=True)
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)


class DeletedAnswer(serializers.Serializer[Any]):
    """What deleting a user answers."""

    status = serializers.CharField()
    detail = serializers.CharField()
