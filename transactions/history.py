"""The parameters that narrow a history, read strictly."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from fx.money import parse_amount
from paymentprocessor.api.documentation import PAGE_PARAMETERS
from paymentprocessor.api.errors import FieldError, ValidationError
from paymentprocessor.api.parameters import parse_instant
from transactions.models import TransactionType
from transactions.queries import HistoryFilter

HISTORY_PARAMETERS = [
    *PAGE_PARAMETERS,
    OpenApiParameter("currency", str, description="Moved in this currency."),
    OpenApiParameter("type", str, enum=TransactionType.values),
    OpenApiParameter(
        "from", OpenApiTypes.DATETIME, description="Recorded then or later."
    ),
    OpenApiParameter("to", OpenApiTypes.DATETIME, description="Recorded before that."),
    OpenApiParameter("min", str, description="At least this amount."),
    OpenApiParameter("max", str, description="At most this amount."),
    OpenApiParameter("reference", str, description="Of exactly this reference."),
]


def read_history_filter(parameters: Mapping[str, str]) -> HistoryFilter:
    """What the client wants to see.

    :raises ValidationError: a value that cannot be meant.
    """
    wanted_type = parameters.get("type")
    if wanted_type is not None and wanted_type not in TransactionType.values:
        detail = f"Must be one of {', '.join(TransactionType.values)}."
        raise ValidationError(FieldError(detail, "/type", "invalid_choice"))
    return HistoryFilter(
        currency=parameters.get("currency"),
        type=wanted_type,
        since=_instant(parameters, "from"),
        until=_instant(parameters, "to"),
        min_amount=_amount(parameters, "min"),
        max_amount=_amount(parameters, "max"),
        reference=parameters.get("reference"),
    )


def _instant(parameters: Mapping[str, str], name: str) -> datetime | None:
    return parse_instant(parameters[name], f"/{name}") if name in parameters else None


def _amount(parameters: Mapping[str, str], name: str) -> Decimal | None:
    return parse_amount(parameters[name], f"/{name}") if name in parameters else None
