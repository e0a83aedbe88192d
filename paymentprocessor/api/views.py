"""The base classes of every view below /v1."""

from typing import Any

from rest_framework import viewsets
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from paymentprocessor.api.errors import MalformedRequest


class ApiView(APIView):
    """A view of the API; what a request is checked for before the view sees it."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        _open_chunked_body(request)
        super().initial(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        """Authenticate, and count the request whether or not that succeeds.

        DRF counts only after the permissions, so that guessing keys would be free.
        """
        try:
            super().perform_authentication(request)
        except APIException:
            super().check_throttles(request)
            raise
        super().check_throttles(request)

    def check_throttles(self, request: Request) -> None:
        """Nothing: the request was counted with the authentication."""


class ApiViewSet(ApiView, viewsets.ViewSet):
    """Several operations on one resource."""


def _open_chunked_body(request: Request) -> None:
    """Make a body readable that comes in chunks, without a Content-Length.

    Django and DRF take it for an empty body. An optional `amount` in it would be
    lost, and a partial capture become a whole one.
    """
    if "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
        return
    django_request = request._request
    if not django_request.META.get("wsgi.input_terminated"):
        # This server does not say where the body ends; gunicorn does.
        raise MalformedRequest("Send the body with a Content-Length, not in chunks.")
    django_request._stream = django_request.META["wsgi.input"]
    request._stream = django_request  # type: ignore[assignment]
