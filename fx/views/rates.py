"""`/v1/currencies` and `/v1/rates`: what can be held, and what it is worth."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from fx import queries
from fx.models import CURRENCY_CODE_PATTERN, Currency
from fx.money import half_even_to_scale, plain
from fx.pricing import RATE_EXPONENT
from fx.serializers import (
    CurrenciesAnswer,
    RateAnswer,
    RateHistoryAnswer,
    currency_answer,
    rate_answer,
)
from paymentprocessor.api.documentation import AT_PARAMETER
from paymentprocessor.api.errors import FieldError, ValidationError
from paymentprocessor.api.parameters import (
    parse_instant,
    read_pattern,
    refuse_unknown_parameters,
)
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from users import scopes
from users.permissions import Access

_PAIR = [
    OpenApiParameter("base", str, required=True, description="One unit of this,"),
    OpenApiParameter("quote", str, required=True, description="in units of that."),
]
_LONGEST = timedelta(days=3660)


class RateViewSet(ApiViewSet):
    """Currencies and their rates, for every key with `fx:read`."""

    access = {
        "currencies": Access(scopes.FX_READ),
        "rate": Access(scopes.FX_READ),
        "history": Access(scopes.FX_READ),
    }

    @extend_schema(operation_id="currencies_list", responses=CurrenciesAnswer)
    def currencies(self, request: Request) -> Response:
        """List all currencies, those that are switched off included."""
        refuse_unknown_parameters(request.query_params, set())

        currencies = Currency.objects.order_by("code")

        return Response({"data": [currency_answer(one) for one in currencies]})

    @extend_schema(
        operation_id="rates_rate",
        parameters=[*_PAIR, AT_PARAMETER],
        responses=RateAnswer,
    )
    def rate(self, request: Request) -> Response:
        """The mid rate of a pair, now or at a past instant, and where it comes from.

        Refused with `rate_unavailable` where there is none fresh enough to convert at.
        """
        parameters = request.query_params
        refuse_unknown_parameters(parameters, {"base", "quote", "at"})
        base, quote = _pair(parameters)
        at = timezone.now()
        if "at" in parameters:
            at = parse_instant(parameters["at"], "/at")

        queries.must_exist([base, quote])
        cross = queries.cross(base, quote, now=at, max_age=settings.FX_MAX_RATE_AGE)

        return Response(rate_answer(cross, queries.rates_of(cross.rate_ids)))

    @extend_schema(
        operation_id="rates_history",
        parameters=[
            *_PAIR,
            OpenApiParameter("from", date, required=True, description="The first day."),
            OpenApiParameter("to", date, required=True, description="The last day."),
        ],
        responses=RateHistoryAnswer,
    )
    def history(self, request: Request) -> Response:
        """The last mid rate of each day (UTC), for at most ten years at a time."""
        parameters = request.query_params
        refuse_unknown_parameters(parameters, {"base", "quote", "from", "to"})
        base, quote = _pair(parameters)
        first, last = _day(parameters, "from"), _day(parameters, "to")
        if not timedelta(0) <= last - first <= _LONGEST:
            detail = f"Must be from zero to {_LONGEST.days} days after `from`."
            raise ValidationError(FieldError(detail, "/to", "out_of_range"))

        days = queries.daily_mids(
            base, quote, since=first, until=last + timedelta(days=1)
        )

        return Response(
            {
                "base": base,
                "quote": quote,
                "data": [
                    {
                        "date": day,
                        "mid_rate": plain(half_even_to_scale(mid, RATE_EXPONENT)),
                    }
                    for day, mid in days
                ],
            }
        )


def _pair(parameters: Mapping[str, str]) -> tuple[str, str]:
    return (
        read_pattern(parameters, "base", CURRENCY_CODE_PATTERN),
        read_pattern(parameters, "quote", CURRENCY_CODE_PATTERN),
    )


def _day(parameters: Mapping[str, str], name: str) -> datetime:
    instant = parse_instant(parameters.get(name, ""), f"/{name}")
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)
