"""The OpenAPI description of a small API."""

from functools import cache
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from paymentprocessor.api.fields import (
    MetadataField,
    StrictCharField,
    StrictSerializer,
)
from paymentprocessor.api.views import ApiViewSet


class FundRequest(StrictSerializer):
    currency = StrictCharField(max_length=3)
    metadata = MetadataField(required=False)


class Receipt(serializers.Serializer[Any]):
    id = serializers.UUIDField()


class ReceiptPage(serializers.Serializer[Any]):
    data = Receipt(many=True)


class Wallets(ApiViewSet):
    @extend_schema(responses=ReceiptPage)
    def list(self, request: Request) -> Response:
        """All wallets."""
        return Response({"data": []})

    @extend_schema(request=FundRequest, responses={201: Receipt})
    def fund(self, request: Request, user_id: str) -> Response:
        return Response({})


urlpatterns = [
    path("v1/wallets", Wallets.as_view({"get": "list"})),
    path("v1/wallets/<uuid:user_id>/fund", Wallets.as_view({"post": "fund"})),
]

pytestmark = pytest.mark.urls(__name__)


@cache
def schema() -> dict[str, Any]:
    with override_settings(ROOT_URLCONF=__name__):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]
        document: dict[str, Any] = generator.get_schema(  # type: ignore[no-untyped-call]
            public=True
        )
    return document


class TestProblemAutoSchema:
    def test_names_operations_by_their_path(self) -> None:
        paths = schema()["paths"]

        assert paths["/v1/wallets"]["get"]["operationId"] == "wallets_list"
        fund = paths["/v1/wallets/{user_id}/fund"]["post"]
        assert fund["operationId"] == "wallets_fund"
        assert fund["tags"] == ["wallets"]

    def test_lets_every_operation_answer_a_problem(self) -> None:
        responses = schema()["paths"]["/v1/wallets"]["get"]["responses"]

        assert set(responses) == {"200", "default"}
        assert responses["default"] == {"$ref": "#/components/responses/Problem"}

    def test_takes_a_list_for_the_object_that_it_is(self) -> None:
        answer = schema()["paths"]["/v1/wallets"]["get"]["responses"]["200"]

        assert answer["content"]["application/json"]["schema"] == {
            "$ref": "#/components/schemas/ReceiptPage"
        }

    def test_asks_for_the_key(self) -> None:
        assert schema()["paths"]["/v1/wallets"]["get"]["security"] == [{"ApiKey": []}]
        assert schema()["components"]["securitySchemes"]["ApiKey"] == {
            "type": "http",
            "scheme": "bearer",
        }

    def test_keeps_our_own_docstrings_to_ourselves(self) -> None:
        paths = schema()["paths"]

        assert paths["/v1/wallets"]["get"]["description"] == "All wallets."
        assert "description" not in paths["/v1/wallets/{user_id}/fund"]["post"]


class TestStrictSerializerExtension:
    def test_states_the_constraints_of_a_body(self) -> None:
        body = schema()["components"]["schemas"]["FundRequest"]

        assert body["additionalProperties"] is False
        assert body["properties"]["metadata"]["maxProperties"] == 50
        assert "description" not in body


class TestDescribeProblems:
    def test_passes_the_validator_without_a_warning(self) -> None:
        call_command("spectacular", "--validate", "--fail-on-warn", "--file=/dev/null")

    def test_describes_the_problem_document(self) -> None:
        problem = schema()["components"]["schemas"]["Problem"]

        assert {"code", "detail", "errors", "request_id"} <= set(problem["properties"])
        assert schema()["components"]["responses"]["Problem"]["content"].keys() == {
            "application/problem+json"
        }
