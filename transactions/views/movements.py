"""`POST /v1/wallets/{user_id}/…`: the ways in which money moves."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from paymentprocessor.api.documentation import IDEMPOTENCY_KEY, IF_MATCH
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import answers, services
from transactions.instructions import read_instruction, without_version
from transactions.orders import ConvertRequest, PayRequest
from transactions.postings import Instruction, Posted
from transactions.serializers import (
    AdjustmentAnswer,
    AdjustRequest,
    AmountRequest,
    ConversionAnswer,
    MovementAnswer,
    PaymentAnswer,
    TransferAnswer,
    TransferRequest,
)
from users import scopes
from users.permissions import Access, must_see

_HEADERS = [IDEMPOTENCY_KEY, IF_MATCH]


class MovementViewSet(ApiViewSet):
    """Money in, money out, to another user, into another currency."""

    # What these do before they lock wallets is undone, and told to nobody, if the key
    # has ended.
    confirms_keys = {"fund", "withdraw", "transfer", "convert"}
    access = {
        # Money from outside is the platform's word, never the customer's own.
        "fund": Access(scopes.TRANSACTIONS_WRITE, platform_only=True),
        "withdraw": Access(scopes.TRANSACTIONS_WRITE),
        "transfer": Access(scopes.TRANSACTIONS_WRITE),
        "convert": Access(scopes.TRANSACTIONS_WRITE),
        "pay": Access(scopes.TRANSACTIONS_WRITE),
        "adjust": Access(scopes.TRANSACTIONS_WRITE, platform_only=True),
    }

    @extend_schema(
        parameters=_HEADERS,
        request=AmountRequest,
        responses={201: MovementAnswer, 200: MovementAnswer},
    )
    def fund(self, request: Request, user_id: UUID) -> Response:
        """Put money that arrived from outside into a user's wallet."""
        order = AmountRequest.read(request.data)

        posted = services.fund(
            read_instruction(request, order),
            user_id,
            order["currency"],
            order["amount"],
        )

        return moved(order, posted, answers.movement(posted))

    @extend_schema(
        parameters=_HEADERS,
        request=AmountRequest,
        responses={201: MovementAnswer, 200: MovementAnswer},
    )
    def withdraw(self, request: Request, user_id: UUID) -> Response:
        """Pay money out of a user's wallet."""
        must_see(request, user_id)
        order = AmountRequest.read(request.data)

        posted = services.withdraw(
            read_instruction(request, order),
            user_id,
            order["currency"],
            order["amount"],
        )

        return moved(order, posted, answers.movement(posted))

    @extend_schema(
        parameters=_HEADERS,
        request=TransferRequest,
        responses={201: TransferAnswer, 200: TransferAnswer},
    )
    def transfer(self, request: Request, user_id: UUID) -> Response:
        """Pay another user, in one currency."""
        must_see(request, user_id)
        order = TransferRequest.read(request.data)

        posted = services.transfer(
            read_instruction(request, order),
            user_id,
            order["currency"],
            order["amount"],
            order["to_user_id"],
        )

        return moved(order, posted, answers.transfer(posted))

    @extend_schema(
        parameters=_HEADERS,
        request=ConvertRequest,
        responses={201: ConversionAnswer, 200: ConversionAnswer},
    )
    def convert(self, request: Request, user_id: UUID) -> Response:
        """Convert between two of a user's wallets, at the present rate or at a quote.

        Give `from_amount` to sell exactly that much, or `to_amount` to buy exactly that
        much; with `min_to_amount` or `max_from_amount` nothing happens at a worse
        price. A `quote_id` says all of that by itself.
        """
        must_see(request, user_id)
        order = ConvertRequest.read(request.data)

        posted = _converted(read_instruction(request, order), user_id, order)

        return moved(order, posted, answers.conversion(posted))

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=PayRequest,
        responses={201: PaymentAnswer, 200: PaymentAnswer},
    )
    def pay(self, request: Request, user_id: UUID) -> Response:
        """Pay another user out of several wallets, converting what is missing.

        `"from": "cheapest"` takes whichever wallets cost least; a list takes those, in
        its order. All of it happens or nothing does.
        """
        must_see(request, user_id)
        order = PayRequest.read(request.data)

        posted = services.pay(
            without_version(read_instruction(request, order)),
            user_id,
            order["currency"],
            order["amount"],
            order["to_user_id"],
            order["from"],
            now=timezone.now(),
        )

        return moved(order, posted, answers.payment(posted))

    @extend_schema(
        parameters=_HEADERS,
        request=AdjustRequest,
        responses={201: AdjustmentAnswer, 200: AdjustmentAnswer},
    )
    def adjust(self, request: Request, user_id: UUID) -> Response:
        """Put a balance right, against `suspense`."""
        order = AdjustRequest.read(request.data)

        posted = services.adjust(
            read_instruction(request, order | {"description": order["reason"]}),
            user_id,
            order["currency"],
            order["amount"],
            order["side"],
        )

        return moved(order, posted, answers.adjustment(posted))


def _converted(
    instruction: Instruction, user_id: UUID, order: dict[str, Any]
) -> Posted:
    if "quote_id" in order:
        return services.convert_at_quote(instruction, user_id, order["quote_id"])
    return services.convert(
        instruction,
        user_id,
        order["from_currency"],
        order["to_currency"],
        order["amount"],
        order["fixed_side"],
        services.Guards(order.get("min_to_amount"), order.get("max_from_amount")),
        now=timezone.now(),
    )


def moved(order: dict[str, Any], posted: Posted, answer: dict[str, Any]) -> Response:
    if order.get("preview"):
        return Response(answers.preview(posted, answer))
    headers = {"Idempotent-Replayed": "true"} if posted.replayed else None
    return Response(answer, status=201, headers=headers)
