"""`POST /v1/transactions/{id}/…`: undoing what moved, by adding the opposite."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from paymentprocessor.api.documentation import IDEMPOTENCY_KEY
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import answers, services
from transactions.instructions import read_instruction, without_version
from transactions.postings import Instruction
from transactions.serializers import (
    RefundAnswer,
    RefundRequest,
    ReversalAnswer,
    ReverseRequest,
)
from transactions.views.movements import moved
from users import scopes
from users.permissions import Access


def _instruction(request: Request, order: dict[str, Any]) -> Instruction:
    words = order | {"description": order["reason"]}
    return without_version(read_instruction(request, words))


class UndoingViewSet(ApiViewSet):
    """Reversals and refunds, for the platform."""

    access = {
        "reverse": Access(scopes.TRANSACTIONS_WRITE, platform_only=True),
        "refund": Access(scopes.TRANSACTIONS_WRITE, platform_only=True),
    }

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=ReverseRequest,
        responses={201: ReversalAnswer, 200: ReversalAnswer},
    )
    def reverse(self, request: Request, transaction_id: UUID) -> Response:
        """Undo a transaction: post the opposite of every entry, once."""
        order = ReverseRequest.read(request.data)

        posted = services.reverse(
            _instruction(request, order), transaction_id, now=timezone.now()
        )

        return moved(order, posted, answers.reversal(posted))

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=RefundRequest,
        responses={201: RefundAnswer, 200: RefundAnswer},
    )
    def refund(self, request: Request, transaction_id: UUID) -> Response:
        """Give back a part of a transfer or capture, or all of it."""
        order = RefundRequest.read(request.data)

        posted = services.refund(
            _instruction(request, order), transaction_id, order["amount"]
        )

        return moved(order, posted, answers.refund(posted))
