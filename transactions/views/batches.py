"""`/v1/batches`: many movements in one request."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from paymentprocessor.api.documentation import IDEMPOTENCY_KEY
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import batch_answers, queries, services
from transactions.batch_serializers import BatchAnswer, BatchRequest
from transactions.batches import Item
from transactions.drafts import (
    ConvertOrder,
    FundOrder,
    Guards,
    Order,
    TransferOrder,
    WithdrawOrder,
)
from transactions.instructions import read_instruction, without_version, worded
from users import scopes
from users.permissions import Access

MAX_BATCH_BYTES = 8 * 1024 * 1024


class BatchViewSet(ApiViewSet):
    """Up to 10,000 movements that take effect one after the other."""

    max_body_bytes = MAX_BATCH_BYTES
    access = {
        # It may fund, and names any user.
        "create": Access(scopes.TRANSACTIONS_WRITE, platform_only=True),
        "retrieve": Access(scopes.TRANSACTIONS_READ, platform_only=True),
    }

    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request=BatchRequest,
        responses={201: BatchAnswer, 200: BatchAnswer},
    )
    def create(self, request: Request) -> Response:
        """Carry out up to 10,000 funds, withdrawals, transfers and conversions.

        They take effect in their order: a later one may spend what came by an earlier
        one. With `atomic` all of them happen, or none, and the problem has the `index`
        of the first that is refused. Without, each has its result. A request that
        cannot be read is refused as a whole either way.
        """
        order = BatchRequest.read(request.data)
        instruction = without_version(read_instruction(request, order))
        items = [
            Item(_order(item), worded(instruction, item)) for item in order["items"]
        ]

        done = services.post_batch(
            instruction, items, atomic=order["atomic"], now=timezone.now()
        )

        if instruction.preview:
            return Response(batch_answers.batch(done, preview=True))
        headers = {"Idempotent-Replayed": "true"} if done.replayed else None
        return Response(batch_answers.batch(done), status=201, headers=headers)

    @extend_schema(responses=BatchAnswer)
    def retrieve(self, request: Request, batch_id: UUID) -> Response:  # noqa: ARG002
        """What came of a batch, as it was told."""
        return Response(batch_answers.batch(queries.batch_posted(batch_id)))


def _order(item: dict[str, Any]) -> Order:
    user_id = item["user_id"]
    match item["type"]:
        case "fund":
            return FundOrder(user_id, item["currency"], item["amount"])
        case "withdrawal":
            return WithdrawOrder(user_id, item["currency"], item["amount"])
        case "transfer":
            return TransferOrder(
                user_id, item["currency"], item["amount"], item["to_user_id"]
            )
    return ConvertOrder(
        user_id,
        item["from_currency"],
        item["to_currency"],
        item["amount"],
        item["fixed_side"],
        Guards(item.get("min_to_amount"), item.get("max_from_amount")),
    )
