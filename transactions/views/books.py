"""Reading what moved: history, one transaction, balances, the trial balance."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from paymentprocessor.api.documentation import AT_PARAMETER
from paymentprocessor.api.pagination import decode_cursor, paginate, read_limit
from paymentprocessor.api.parameters import parse_instant, refuse_unknown_parameters
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import answers, queries
from transactions.errors import TransactionNotFound
from transactions.explain import explain
from transactions.history import HISTORY_PARAMETERS, read_history_filter
from transactions.postings import Posted
from transactions.queries.books import Position
from transactions.serializers import (
    BalancesAnswer,
    ExplanationAnswer,
    TransactionAnswer,
    TransactionPage,
    TrialBalanceAnswer,
)
from users import scopes
from users.permissions import Access, calling_key, must_see


class BooksViewSet(ApiViewSet):
    """What moved, and what there is."""

    access = {
        "balances": Access(scopes.WALLETS_READ),
        "history": Access(scopes.TRANSACTIONS_READ),
        "list": Access(scopes.TRANSACTIONS_READ, platform_only=True),
        "retrieve": Access(scopes.TRANSACTIONS_READ),
        "explain": Access(scopes.TRANSACTIONS_READ),
        "trial_balance": Access(scopes.TRANSACTIONS_READ, platform_only=True),
    }

    @extend_schema(parameters=[AT_PARAMETER], responses=BalancesAnswer)
    def balances(self, request: Request, user_id: UUID) -> Response:
        """What the user holds, now or at any past instant."""
        must_see(request, user_id)
        at = _read_at(request.query_params)

        held = queries.balances(user_id, at=at)

        balances = {money.currency.code: money.text for money in held}
        return Response({"user_id": user_id, "balances": balances})

    @extend_schema(parameters=HISTORY_PARAMETERS, responses=TransactionPage)
    def history(self, request: Request, user_id: UUID) -> Response:
        """The user's transactions, the newest first, each with their own entries."""
        must_see(request, user_id)
        wanted, before, limit = _read_history(request.query_params)

        found = queries.user_history(user_id, wanted, before=before, limit=limit + 1)

        return _page(request, found, limit, only_of=user_id)

    @extend_schema(parameters=HISTORY_PARAMETERS, responses=TransactionPage)
    def list(self, request: Request) -> Response:
        """All users' transactions, the newest first."""
        wanted, before, limit = _read_history(request.query_params)

        found = queries.whole_history(wanted, before=before, limit=limit + 1)

        return _page(request, found, limit)

    @extend_schema(responses=TransactionAnswer)
    def retrieve(self, request: Request, transaction_id: UUID) -> Response:
        """One transaction; a customer's key sees the owner's own entries only."""
        viewer = calling_key(request).owner_id

        posted = queries.posted_transaction(transaction_id)
        became = queries.undone([transaction_id])[transaction_id]

        answer = answers.transaction(posted, became, viewer=viewer)
        if not answer["entries"]:
            raise TransactionNotFound
        return Response(answer)

    @extend_schema(responses=ExplanationAnswer)
    def explain(self, request: Request, transaction_id: UUID) -> Response:
        """How a conversion came by its amounts, step by step, done again."""
        viewer = calling_key(request).owner_id
        if viewer not in (None, queries.owner_of(transaction_id)):
            raise TransactionNotFound

        return Response(answers.explanation(explain(transaction_id)))

    @extend_schema(
        operation_id="trial_balance",
        parameters=[AT_PARAMETER],
        responses=TrialBalanceAnswer,
    )
    def trial_balance(self, request: Request) -> Response:
        """Every currency's debits and credits, which are equal."""
        at = _read_at(request.query_params)

        return Response(answers.trial_balance(queries.trial_balance(at=at)))


def _page(
    request: Request,
    found: Sequence[Posted],
    limit: int,
    *,
    only_of: UUID | None = None,
) -> Response:
    viewer = calling_key(request).owner_id
    became = queries.undone(posted.transaction.id for posted in found)

    def answer(posted: Posted) -> dict[str, Any]:
        row = posted.transaction
        return answers.transaction(
            posted, became[row.id], viewer=viewer, only_of=only_of
        )

    return Response(paginate(found, limit, _position).answer(answer))


def _read_at(parameters: Mapping[str, str]) -> datetime | None:
    refuse_unknown_parameters(parameters, {"at"})
    return parse_instant(parameters["at"], "/at") if "at" in parameters else None


def _read_history(parameters: Mapping[str, str]) -> tuple[Any, Position | None, int]:
    names = {
        p.name if isinstance(p, OpenApiParameter) else p for p in HISTORY_PARAMETERS
    }
    refuse_unknown_parameters(parameters, names)
    before = None
    if "cursor" in parameters:
        at, id_ = decode_cursor(parameters["cursor"], datetime.fromisoformat, UUID)
        before = (at, id_)
    return read_history_filter(parameters), before, read_limit(parameters)


def _position(posted: Posted) -> list[str]:
    row = posted.transaction
    return [row.recorded_at.isoformat(), str(row.id)]
