"""How the API describes itself (drf-spectacular), at `/v1/schema` and `/docs`."""

from typing import Any
from uuid import UUID

SETTINGS: dict[str, Any] = {
    "TITLE": "FX Payment Processor",
    "DESCRIPTION": """\
Wallets in many currencies: fund, withdraw, transfer, convert.

- Every request has a key: `Authorization: Bearer fxk_…`.
- What moves money takes an `Idempotency-Key`, your own name for the request: sent again
  under it, it moves nothing, and gets the same answer.
- Amounts are texts, `"12.50"`, with no more decimals than the currency has.
- What is not a success is a problem document; [its code](/docs/errors) says what to do.
""",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/v1",
    "GET_LIB_DOC_EXCLUDES": "paymentprocessor.api.schema.bases_without_documentation",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {"id": UUID},
    "POSTPROCESSING_HOOKS": ["paymentprocessor.api.schema.describe_problems"],
}
