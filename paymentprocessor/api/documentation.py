"""Parameters that several operations document alike."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from paymentprocessor.api.pagination import DEFAULT_LIMIT, MAX_LIMIT

# In examples; whoever tries one puts their own in its place.
SOME_USER = "01a205a3-9357-7124-8908-6a8fb3e30fb1"

PAGE_PARAMETERS = [
    OpenApiParameter(
        "limit",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_LIMIT,
            "default": DEFAULT_LIMIT,
        },
        description="How many rows there are on a page.",
    ),
    OpenApiParameter(
        "cursor", str, description="The `next_cursor` of the page before this one."
    ),
]

AT_PARAMETER = OpenApiParameter(
    "at", OpenApiTypes.DATETIME, description="As it was at this instant (ISO 8601)."
)

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    OpenApiParameter.HEADER,
    description=(
        "Your own name for this request, up to 255 characters. Sent again, the request "
        "moves nothing and is answered as it was the first time."
    ),
)

IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "examples": ['"3"']},
    OpenApiParameter.HEADER,
    description="The wallet's `ETag`; refused with 412 when it has moved on since.",
)
