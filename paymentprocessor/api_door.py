"""Where requests of the API leave the way that pages take.

A key is not a session, no cookie signs anybody in below /v1, and nothing there is a
form or a file: what is done around a page would be done for nothing, and was a fifth of
what a fund takes. So the API is answered here, and what comes later in `MIDDLEWARE` is
for pages only.
"""

from collections.abc import Callable
from typing import Any

from csp.constants import HEADER as CONTENT_SECURITY_POLICY
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.urls import get_resolver

from paymentprocessor.api.handlers import below_v1

# Data, which no browser shows: nothing of it may load or do anything.
OF_DATA = "default-src 'none'; frame-ancestors 'none'"


class ApiDoorMiddleware:
    """Answers what is below /v1, and passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        # Paths that lead nowhere, and hosts that are not ours, are exceptions.
        self._answer = convert_exception_to_response(_answer)

    def __call__(self, request: HttpRequest) -> Any:
        if not below_v1(request):
            return self.get_response(request)
        response: Any = self._answer(request)
        response["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        if not response.streaming:
            response["Content-Length"] = str(len(response.content))
        response[CONTENT_SECURITY_POLICY] = OF_DATA
        return response


def _answer(request: HttpRequest) -> Any:
    # Refuses a host that is not in ALLOWED_HOSTS.
    request.get_host()
    found = get_resolver().resolve(request.path_info)
    request.resolver_match = found
    response = found.func(request, *found.args, **found.kwargs)
    return response.render() if hasattr(response, "render") else response
