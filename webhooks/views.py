"""`GET /v1/events`: everything that happened, in an order that misses nothing."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from paymentprocessor.api.documentation import PAGE_PARAMETERS
from paymentprocessor.api.pagination import decode_cursor, encode_cursor, read_limit
from paymentprocessor.api.parameters import refuse_unknown_parameters
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from users import scopes
from users.permissions import Access
from webhooks.models import Event
from webhooks.queries import events_after


class EventAnswer(serializers.Serializer[Event]):
    """One fact; `subject_id` is what to read for the rest of it."""

    id = serializers.UUIDField()
    type = serializers.CharField()
    subject_id = serializers.UUIDField()
    user_id = serializers.UUIDField(allow_null=True)
    data = serializers.DictField()
    request_id = serializers.CharField()
    occurred_at = serializers.DateTimeField()


class EventPage(serializers.Serializer[Any]):
    """Events, the oldest first. `next_cursor` is there on the last page, too."""

    data = EventAnswer(many=True)
    has_more = serializers.BooleanField()
    next_cursor = serializers.CharField(allow_null=True)


class EventViewSet(ApiViewSet):
    """Events, for the platform."""

    access = {"list": Access(scopes.EVENTS_READ, platform_only=True)}

    @extend_schema(
        parameters=[*PAGE_PARAMETERS, OpenApiParameter("type", str)],
        responses=EventPage,
    )
    def list(self, request: Request) -> Response:
        """List events, the oldest first; come back with `next_cursor` for what is new.

        A reader who goes from cursor to cursor misses no event and sees none twice.
        """
        parameters = request.query_params
        refuse_unknown_parameters(parameters, {"limit", "cursor", "type"})
        limit = read_limit(parameters)
        cursor = parameters.get("cursor")
        position = decode_cursor(cursor, int, UUID) if cursor is not None else None

        found = events_after(position, limit=limit + 1, type=parameters.get("type"))

        events = found[:limit]
        if events:
            # Also on the last page: the reader goes on from here tomorrow.
            cursor = encode_cursor(str(events[-1].xid), str(events[-1].id))
        return Response(
            {
                "data": [EventAnswer(event).data for event in events],
                "has_more": len(found) > limit,
                "next_cursor": cursor,
            }
        )
