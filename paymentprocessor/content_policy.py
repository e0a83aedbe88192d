"""The Content-Security-Policy of every answer."""

from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

from paymentprocessor.api.handlers import below_v1

OF_DATA = "default-src 'none'; frame-ancestors 'none'"


class ContentPolicyMiddleware(CSPMiddleware):
    """The strict policy of the settings, a little wider for the console alone.

    Unfold's scripts (Alpine) evaluate the expressions in its pages, which takes
    'unsafe-eval'. Text of customers is only ever escaped text there.
    """

    def __call__(self, request: HttpRequest) -> Any:
        if not below_v1(request):
            return super().__call__(request)
        # Data, which no browser shows: nothing of it may load or do anything.
        response: Any = self.get_response(request)
        response[HEADER] = OF_DATA
        return response

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith("/admin/"):
            parts.update = {"script-src": ["'unsafe-eval'"]}
        return parts
