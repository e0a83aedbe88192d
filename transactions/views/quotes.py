"""`/v1/quotes`: prices that are promised."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from fx.models import Quote
from fx.policies import database_now
from fx.quotes import find_quote
from fx.services import cancel_quote
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from transactions import services
from transactions.orders import QuoteAnswer, QuoteRequest, quote_answer
from transactions.queries import quote_details
from users import scopes
from users.permissions import Access, calling_key, must_see


class QuoteViewSet(ApiViewSet):
    """A price is asked for, looked at, given up; `convert` uses it."""

    access = {
        "create": Access(scopes.FX_WRITE),
        "retrieve": Access(scopes.FX_READ),
        "destroy": Access(scopes.FX_WRITE),
    }

    @extend_schema(request=QuoteRequest, responses={201: QuoteAnswer})
    def create(self, request: Request) -> Response:
        """Promise a user a price, for one conversion until it expires."""
        order = QuoteRequest.read(request.data)
        must_see(request, order["user_id"])

        quote = services.quote(
            order["user_id"],
            order["from_currency"],
            order["to_currency"],
            order["amount"],
            order["fixed_side"],
            order["lock"],
        )

        return Response(_answer(quote), status=201)

    @extend_schema(responses=QuoteAnswer)
    def retrieve(self, request: Request, quote_id: UUID) -> Response:
        """Read a quote: what it promises, where it comes from, what became of it."""
        return Response(_answer(_seen(request, quote_id)))

    @extend_schema(responses={200: QuoteAnswer})
    def destroy(self, request: Request, quote_id: UUID) -> Response:
        """Give a quote up."""
        user_id = _seen(request, quote_id).user_id

        return Response(_answer(cancel_quote(quote_id, user_id)))


def _seen(request: Request, quote_id: UUID) -> Quote:
    return find_quote(quote_id, user_id=calling_key(request).owner_id)


def _answer(quote: Quote) -> dict[str, object]:
    return quote_answer(quote, quote_details(quote), now=database_now())
