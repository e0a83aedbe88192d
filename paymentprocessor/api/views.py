"""The base classes of every view below /v1."""

from functools import cache
from typing import Any

from django.http import HttpRequest
from django.views import View
from rest_framework import viewsets
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from paymentprocessor.api.errors import MalformedRequest
from paymentprocessor.api.parameters import refuse_unknown_parameters
from paymentprocessor.api.requests import ApiRequest


class ApiView(APIView):
    """A view of the API; what a request is checked for before the view sees it.

    Of what REST framework decides for each request anew, that is left out which is
    decided once and for all: format and version.
    """

    format_kwarg = None

    def initialize_request(
        self,
        request: HttpRequest,
        *_args: Any,
        **_kwargs: Any,
    ) -> Request:
        return ApiRequest(
            request,
            self.get_parsers(),
            self.get_authenticators(),
            self.get_content_negotiator(),
            self.get_parser_context(request),
        )

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        _open_chunked_body(request)
        self.perform_authentication(request)
        self.check_permissions(request)
        if request.META.get("QUERY_STRING") and self._changes_something(request):
            # They say it in the body: `?preview=true` would be no preview.
            refuse_unknown_parameters(request.query_params, ())

    def _changes_something(self, request: Request) -> bool:
        """Whether it is an operation of this path, and more than a reading one."""
        method = str(request.method)
        return method not in SAFE_METHODS and hasattr(self, method.lower())

    def perform_authentication(self, request: Request) -> None:
        """Authenticate, and count the request whether or not that succeeds.

        DRF counts only after the permissions, so that guessing keys would be free.
        """
        try:
            super().perform_authentication(request)
        except APIException:
            self.check_throttles(request)
            raise
        self.check_throttles(request)


class ApiViewSet(viewsets.ViewSetMixin, ApiView):
    """Several operations on one resource."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Allow": _allow(*self.action_map)}


@cache
def _allow(*methods: str) -> str:
    """The methods of a path, as REST framework orders them, and that for what it is."""
    known = {*methods, "options"}
    return ", ".join(name.upper() for name in View.http_method_names if name in known)


def _open_chunked_body(request: Request) -> None:
    """Make a body readable that comes in chunks, without a Content-Length.

    Django and DRF take it for an empty body. An optional `amount` in it would be
    lost, and a partial capture become a whole one.
    """
    if "chunked" not in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    django_request = request._request
    if not django_request.META.get("wsgi.input_terminated"):
        # This server does not say where the body ends; gunicorn does.
        raise MalformedRequest("Send the body with a Content-Length, not in chunks.")
    django_request._stream = django_request.META["wsgi.input"]
    request._stream = django_request  # type: ignore[assignment]
