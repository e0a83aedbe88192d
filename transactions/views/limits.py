"""`/v1/limits`: how much customers may move, and what is left of it."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import queries
from transactions.limit_serializers import (
    CustomerLimitAnswer,
    EndLimitRequest,
    HeadroomsAnswer,
    SetLimitRequest,
    headroom_answer,
    limit_answer,
)
from users import scopes
from users.permissions import Access, must_see
from wallets import services


class LimitViewSet(ApiViewSet):
    """Customers see their own limits; the platform sets them."""

    access = {
        "retrieve": Access(scopes.WALLETS_READ),
        "create": Access(scopes.WALLETS_WRITE, platform_only=True),
        "end": Access(scopes.WALLETS_WRITE, platform_only=True),
    }

    @extend_schema(operation_id="limits_of_user", responses=HeadroomsAnswer)
    def retrieve(self, request: Request, user_id: UUID) -> Response:
        """The limits that apply to a user, what is used of each, and what is left."""
        must_see(request, user_id)

        rooms = queries.headrooms(user_id)

        data = [headroom_answer(room) for room in rooms]
        return Response({"user_id": user_id, "data": data})

    @extend_schema(request=SetLimitRequest, responses={201: CustomerLimitAnswer})
    def create(self, request: Request) -> Response:
        """Set a limit, from now on and in place of the one of that scope so far."""
        order = SetLimitRequest.order(request.data)

        return Response(limit_answer(services.set_limit(**order)), status=201)

    @extend_schema(request=EndLimitRequest, responses={200: CustomerLimitAnswer})
    def end(self, request: Request, limit_id: UUID) -> Response:
        """Take a limit away; one that has ended stays as it was."""
        order = EndLimitRequest.read(request.data)

        return Response(limit_answer(services.end_limit(limit_id, **order)))
