"""`/v1/pricing-policies`: what we charge, version by version."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from fx import services
from fx.models import PricingPolicy
from fx.policy_documents import PublishRequest
from fx.serializers import PolicyAnswer, PolicyPage
from paymentprocessor.api.documentation import PAGE_PARAMETERS
from paymentprocessor.api.pagination import decode_cursor, paginate, read_limit
from paymentprocessor.api.parameters import refuse_unknown_parameters
from paymentprocessor.api.responses import Response
from paymentprocessor.api.views import ApiViewSet
from users import scopes
from users.permissions import Access


class PolicyViewSet(ApiViewSet):
    """Reading and publishing pricing policies, for the platform."""

    access = {
        "list": Access(scopes.FX_READ, platform_only=True),
        "create": Access(scopes.FX_WRITE, platform_only=True),
    }

    @extend_schema(
        operation_id="pricing_policies_list",
        parameters=PAGE_PARAMETERS,
        responses=PolicyPage,
    )
    def list(self, request: Request) -> Response:
        """List all versions, the newest first, those to come included."""
        refuse_unknown_parameters(request.query_params, {"limit", "cursor"})
        limit = read_limit(request.query_params)
        versions = PricingPolicy.objects.order_by("-version")
        if "cursor" in request.query_params:
            [before] = decode_cursor(request.query_params["cursor"], int)
            versions = versions.filter(version__lt=before)

        found = list(versions[: limit + 1])

        page = paginate(found, limit, lambda one: [str(one.version)])
        return Response(page.answer(_answer))

    @extend_schema(
        operation_id="pricing_policies_create",
        request=PublishRequest,
        responses={201: PolicyAnswer},
    )
    def create(self, request: Request) -> Response:
        """Publish a version; nothing of the versions before it changes."""
        wanted = PublishRequest.read(request.data)

        return Response(_answer(services.publish_policy(**wanted)), status=201)


def _answer(policy: PricingPolicy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "version": policy.version,
        "document": policy.document,
        "effective_at": policy.effective_at,
        "reason": policy.reason,
        "created_at": policy.created_at,
    }
