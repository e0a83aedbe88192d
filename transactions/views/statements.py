"""Statements of a user's money in one currency."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from paymentprocessor.api.documentation import PAGE_PARAMETERS
from paymentprocessor.api.errors import FieldError, ValidationError
from paymentprocessor.api.pagination import (
    Page,
    decode_cursor,
    encode_cursor,
    read_limit,
)
from paymentprocessor.api.parameters import parse_instant, refuse_unknown_parameters
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import queries, statement_answers
from transactions.models import Entry
from transactions.queries import StatementPage, StatementPosition
from transactions.statement_serializers import StatementAnswer
from users import scopes
from users.permissions import Access, calling_key, must_see

_FROM = OpenApiParameter(
    "from", OpenApiTypes.DATETIME, description="Recorded then or later."
)
_TO = OpenApiParameter(
    "to", OpenApiTypes.DATETIME, description="Recorded before that; else until now."
)


class StatementViewSet(ApiViewSet):
    """What led from one balance to another."""

    access = {"retrieve": Access(scopes.TRANSACTIONS_READ)}

    @extend_schema(parameters=[_FROM, _TO, *PAGE_PARAMETERS], responses=StatementAnswer)
    def retrieve(self, request: Request, user_id: UUID, currency: str) -> Response:
        """The user's statement in a currency, the oldest line first.

        Its opening balance and all its lines come to its closing balance. The cursor
        keeps to the period of the first page: `from` and `to` need not be repeated,
        and what is booked meanwhile is on no later page.
        """
        must_see(request, user_id)
        parameters = request.query_params
        refuse_unknown_parameters(parameters, {"from", "to", "limit", "cursor"})
        limit = read_limit(parameters)

        page = queries.statement(user_id, currency, **_asked(parameters), limit=limit)

        viewer = calling_key(request).owner_id
        lines = _page(page).answer(
            lambda entry: statement_answers.line(entry, viewer=viewer)
        )
        about = {"user_id": user_id, "currency": currency}
        return Response(about | statement_answers.statement(page) | lines)


class _Asked(TypedDict):
    since: datetime | None
    until: datetime | None
    after: StatementPosition | None


def _asked(parameters: Mapping[str, str]) -> _Asked:
    since, until = (
        parse_instant(parameters[name], f"/{name}") if name in parameters else None
        for name in ("from", "to")
    )
    if since and until and until < since:
        detail = "Must not be before `from`."
        raise ValidationError(FieldError(detail, "/to", "invalid"))
    after = None
    if "cursor" in parameters:
        after = StatementPosition(*decode_cursor(parameters["cursor"], int, int, int))
    return {"since": since, "until": until, "after": after}


def _page(page: StatementPage) -> Page[Entry]:
    end = page.begin + len(page.entries)
    if end == page.closing.lines:
        return Page(page.entries, has_more=False, next_cursor=None)
    cursor = encode_cursor(*map(str, (page.opening.lines, end, page.closing.lines)))
    return Page(page.entries, has_more=True, next_cursor=cursor)
