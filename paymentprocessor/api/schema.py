"""The OpenAPI description: what all operations share."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_lib_doc_excludes
from rest_framework.serializers import ListSerializer

from paymentprocessor.api.fields import StrictSerializer
from paymentprocessor.api.problems import CONTENT_TYPE
from paymentprocessor.api.views import ApiView, ApiViewSet

FIELD_ERROR = {
    "type": "object",
    "required": ["detail", "pointer", "code"],
    "properties": {
        "detail": {"type": "string"},
        "pointer": {
            "type": "string",
            "description": "A JSON pointer (RFC 6901) to the field or parameter.",
            "examples": ["/items/3/amount"],
        },
        "code": {"type": "string", "examples": ["required"]},
    },
}

PROBLEM = {
    "type": "object",
    "description": "Why a request failed (RFC 9457).",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
    ],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "examples": ["/docs/errors#validation_error"],
        },
        "title": {"type": "string", "examples": ["Validation error"]},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "description": "The path of the request."},
        "code": {"type": "string", "examples": ["validation_error"]},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/FieldError"},
        },
    },
    # Some codes add members of their own, such as `available` and `required`.
    "additionalProperties": True,
}


class ProblemAutoSchema(AutoSchema):
    """Names an operation by its path, and lets each answer a problem.

    `POST /v1/wallets/{user_id}/fund` is `wallets_fund`, `GET /v1/users` is
    `users_list`: the fixed steps of the path, then the action unless it is the last
    step already.
    """

    def get_operation_id(self) -> str:
        steps = [step.replace("-", "_") for step in self._tokenize_path()]
        action = getattr(self.view, "action", None)
        action = action or self.method_mapping[self.method.lower()]
        if steps[-1:] != [action]:
            steps.append(action)
        return "_".join(steps)

    def get_summary(self) -> str | None:
        """What it does, in a line, to be seen before an operation is opened."""
        first, _, _ = self.get_description().partition("\n")
        return first or None

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Believe the serializer, not the name `list`: our lists are objects."""
        return isinstance(serializer, ListSerializer)

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(*args, **kwargs)
        return {**responses, "default": {"$ref": "#/components/responses/Problem"}}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer <key>`."""

    target_class = "users.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer"}


class StrictSerializerExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Says that a request body may hold the fields listed and no others."""

    target_class = StrictSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(  # type: ignore[no-untyped-call]
            self.target, direction, bypass_extensions=True
        )
        if direction == "request":
            schema["additionalProperties"] = False
            if example := vars(type(self.target)).get("example"):
                schema["examples"] = [example]
        return schema

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:  # noqa: ARG002
        """Its class's, to which spectacular adds "Request" in any case."""
        return type(self.target).__name__.removesuffix("Request")


def bases_without_documentation() -> list[type]:
    """Classes whose docstring is for us and says nothing about an operation."""
    library: list[type] = get_lib_doc_excludes()  # type: ignore[no-untyped-call]
    return [*library, ApiView, ApiViewSet, StrictSerializer]


def describe_problems(
    result: dict[str, Any],
    **kwargs: Any,  # noqa: ARG001
) -> dict[str, Any]:
    """Add the components that the default responses refer to; a spectacular hook."""
    components = result.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= {"FieldError": FIELD_ERROR, "Problem": PROBLEM}
    reference = {"$ref": "#/components/schemas/Problem"}
    components.setdefault("responses", {})["Problem"] = {
        "description": "Why the request failed.",
        "content": {CONTENT_TYPE: {"schema": reference}},
    }
    return result
