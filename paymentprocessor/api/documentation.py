"""Parameters that several operations document alike."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

PAGE_PARAMETERS = [
    OpenApiParameter("limit", int, description="From 1 to 100; 20 unless told."),
    OpenApiParameter(
        "cursor", str, description="The `next_cursor` of the page before this one."
    ),
]

AT_PARAMETER = OpenApiParameter(
    "at", OpenApiTypes.DATETIME, description="As it was at this instant (ISO 8601)."
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=(
        "Your own name for this request, up to 255 characters. Sent again, the request "
        "moves nothing and is answered as it was the first time."
    ),
)

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The wallet's `ETag`; refused with 412 when it has moved on since.",
)
