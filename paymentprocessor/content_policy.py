"""The Content-Security-Policy of pages."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase


class ContentPolicyMiddleware(CSPMiddleware):
    """The strict policy of the settings, a little wider for the console alone.

    Unfold's scripts (Alpine) evaluate the expressions in its pages, which takes
    'unsafe-eval'. Text of customers is only ever escaped text there.
    """

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
