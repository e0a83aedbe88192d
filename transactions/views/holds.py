"""`/v1/holds`: money that is promised, then paid out, given up, or expired."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from paymentprocessor.api.documentation import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    PAGE_PARAMETERS,
)
from paymentprocessor.api.errors import FieldError, ValidationError
from paymentprocessor.api.pagination import decode_cursor, paginate, read_limit
from paymentprocessor.api.parameters import refuse_unknown_parameters
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import answers, hold_answers, queries, services
from transactions.errors import HoldNotFound
from transactions.hold_serializers import (
    CaptureAnswer,
    CaptureHoldRequest,
    HoldAnswer,
    HoldPage,
    HoldWithCapturesAnswer,
    PlaceHoldRequest,
    VoidHoldRequest,
)
from transactions.instructions import read_instruction
from transactions.models import HoldStatus
from transactions.postings import Held, Instruction, Posted
from transactions.queries import HoldFilter
from transactions.queries.holds import Position
from transactions.views.movements import moved
from users import scopes
from users.permissions import Access, calling_key, must_see

_HEADERS = [IDEMPOTENCY_KEY, IF_MATCH]
_LIST_PARAMETERS = [
    *PAGE_PARAMETERS,
    OpenApiParameter("user_id", OpenApiTypes.UUID, description="Of this user."),
    OpenApiParameter("status", str, enum=HoldStatus.values),
    OpenApiParameter("currency", str, description="In this currency."),
]


class HoldViewSet(ApiViewSet):
    """Two-phase payments: hold first, capture later."""

    access = {
        "place": Access(scopes.TRANSACTIONS_WRITE),
        # Whether a promise is kept or given up is not for the one who made it to say.
        "capture": Access(scopes.TRANSACTIONS_WRITE, platform_only=True),
        "void": Access(scopes.TRANSACTIONS_WRITE, platform_only=True),
        "list": Access(scopes.TRANSACTIONS_READ),
        "retrieve": Access(scopes.TRANSACTIONS_READ),
    }

    @extend_schema(
        parameters=_HEADERS,
        request=PlaceHoldRequest,
        responses={201: HoldAnswer, 200: HoldAnswer},
    )
    def place(self, request: Request) -> Response:
        """Hold some of a user's money: less is available, and nothing moves.

        With `to_currency`, or at a quote, the captures convert: rate and both amounts
        are frozen, and whatever the parts, they add up to exactly that.
        """
        order = PlaceHoldRequest.read(request.data)
        must_see(request, order["user_id"])

        held = _placed(read_instruction(request, order), order)

        answer = hold_answers.placed(held)
        if order.get("preview"):
            answer["id"] = None
        return _held(order, held, answer)

    @extend_schema(
        parameters=_HEADERS,
        request=CaptureHoldRequest,
        responses={201: CaptureAnswer, 200: CaptureAnswer},
    )
    def capture(self, request: Request, hold_id: UUID) -> Response:
        """Pay out a hold, or a part of it, as often as something is left."""
        order = CaptureHoldRequest.read(request.data)

        posted = services.capture_hold(
            read_instruction(request, order),
            hold_id,
            order.get("amount"),
            final=order.get("final", False),
        )

        return moved(order, posted, hold_answers.capture(posted))

    @extend_schema(
        parameters=_HEADERS,
        request=VoidHoldRequest,
        responses={200: HoldAnswer},
    )
    def void(self, request: Request, hold_id: UUID) -> Response:
        """Give up what is left of a hold."""
        order = VoidHoldRequest.read(request.data)
        words = order | {"description": order.get("reason", "")}

        held = services.void_hold(read_instruction(request, words), hold_id)

        return _held(order, held, hold_answers.hold(held), status=200)

    @extend_schema(parameters=_LIST_PARAMETERS, responses=HoldPage)
    def list(self, request: Request) -> Response:
        """Holds, the newest first; a customer's key sees the owner's own."""
        wanted, before, limit = _read_list(request)

        found = queries.holds(wanted, before=before, limit=limit + 1)

        return Response(paginate(found, limit, _position).answer(hold_answers.hold))

    @extend_schema(parameters=PAGE_PARAMETERS, responses=HoldWithCapturesAnswer)
    def retrieve(self, request: Request, hold_id: UUID) -> Response:
        """One hold with its captures, of which `limit` and `cursor` name a page."""
        viewer = calling_key(request).owner_id
        refuse_unknown_parameters(request.query_params, {"limit", "cursor"})
        limit = read_limit(request.query_params)
        before = _read_cursor(request.query_params)

        held = queries.held(hold_id)
        if viewer not in (None, held.hold.owner_id):
            raise HoldNotFound
        captures = queries.captures_of(hold_id, before=before, limit=limit + 1)
        became = queries.undone(posted.transaction.id for posted in captures)

        def answer(posted: Posted) -> dict[str, Any]:
            return answers.transaction(
                posted, became[posted.transaction.id], viewer=viewer
            )

        page = paginate(captures, limit, _position_of_capture).answer(answer)
        return Response(hold_answers.hold(held) | {"captures": page})


def _placed(instruction: Instruction, order: dict[str, Any]) -> Held:
    now = timezone.now()
    common = {
        "to_user_id": order.get("to_user_id"),
        "expires_at": _expiry(order, now),
        "now": now,
    }
    place: Callable[..., Held] = services.place_hold
    what = ["currency", "amount"]
    if "quote_id" in order:
        place, what = services.place_hold_at_quote, ["quote_id"]
    elif "to_currency" in order:
        place, what = services.place_converting_hold, [*what, "to_currency"]
    return place(instruction, order["user_id"], *map(order.get, what), **common)


def _held(
    order: dict[str, Any], held: Held, answer: dict[str, Any], *, status: int = 201
) -> Response:
    if order.get("preview"):
        return Response(hold_answers.preview(held, answer))
    headers = {"Idempotent-Replayed": "true"} if held.replayed else None
    return Response(answer, status=status, headers=headers)


def _expiry(order: dict[str, Any], now: datetime) -> datetime | None:
    if "expires_in" in order:
        return now + order["expires_in"]  # type: ignore[no-any-return]
    return order.get("expires_at")


def _read_list(request: Request) -> tuple[HoldFilter, Position | None, int]:
    parameters = request.query_params
    names = {"limit", "cursor", "user_id", "status", "currency"}
    refuse_unknown_parameters(parameters, names)
    status = parameters.get("status")
    if status is not None and status not in HoldStatus.values:
        detail = f"Must be one of {', '.join(HoldStatus.values)}."
        raise ValidationError(FieldError(detail, "/status", "invalid_choice"))
    user_id = calling_key(request).owner_id
    if "user_id" in parameters:
        user_id = _read_user_id(parameters["user_id"])
        must_see(request, user_id)
    wanted = HoldFilter(
        user_id=user_id,
        status=None if status is None else HoldStatus(status),
        currency=parameters.get("currency"),
    )
    return wanted, _read_cursor(parameters), read_limit(parameters)


def _read_user_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        error = FieldError("Must be a UUID.", "/user_id", "invalid")
        raise ValidationError(error) from None


def _read_cursor(parameters: Mapping[str, str]) -> Position | None:
    if "cursor" not in parameters:
        return None
    at, id_ = decode_cursor(parameters["cursor"], datetime.fromisoformat, UUID)
    return at, id_


def _position(held: Held) -> list[str]:
    return [held.hold.created_at.isoformat(), str(held.hold.id)]


def _position_of_capture(posted: Posted) -> list[str]:
    row = posted.transaction
    return [row.recorded_at.isoformat(), str(row.id)]
