"""The house's own side: its positions, and its trades with the market."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from paymentprocessor.api.documentation import AT_PARAMETER, IDEMPOTENCY_KEY
from paymentprocessor.api.parameters import parse_instant, refuse_unknown_parameters
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import queries, services, treasury_answers
from transactions.instructions import read_instruction, without_version
from transactions.treasury_serializers import (
    HedgeAnswer,
    HedgeRequest,
    PositionsAnswer,
)
from transactions.views.movements import moved
from users import scopes
from users.permissions import Access


class TreasuryViewSet(ApiViewSet):
    """Positions and hedges, for the platform."""

    access = {
        "positions": Access(scopes.TREASURY_READ, platform_only=True),
        "hedge": Access(scopes.TREASURY_WRITE, platform_only=True),
    }

    @extend_schema(
        operation_id="positions",
        parameters=[AT_PARAMETER],
        responses=PositionsAnswer,
    )
    def positions(self, request: Request) -> Response:
        """What the house is long and short of, what it cost and what came of it."""
        refuse_unknown_parameters(request.query_params, {"at"})
        said = request.query_params.get("at")
        at = None if said is None else parse_instant(said, "/at")

        report = queries.positions(at=at, now=timezone.now())

        return Response(treasury_answers.positions(report))

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=HedgeRequest,
        responses={201: HedgeAnswer, 200: HedgeAnswer},
    )
    def hedge(self, request: Request) -> Response:
        """Record a trade of the house with the market."""
        order = HedgeRequest.read(request.data)
        words = order | {"description": order["reason"]}

        posted = services.record_hedge(
            # House accounts have no version.
            without_version(read_instruction(request, words)),
            order["sell_currency"],
            order["sell_amount"],
            order["buy_currency"],
            order["buy_amount"],
            order["counterparty"],
        )

        return moved(order, posted, treasury_answers.hedge(posted))
