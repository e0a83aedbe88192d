"""What pages need around them and the API does not: sessions, and who signed in.

A key is not a session, and no cookie signs anybody in below /v1. With the page policy
they were a tenth of an API request. Django's guard of forms stays as it is: REST
framework's views are exempt from it, and it costs next to nothing.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from paymentprocessor.api.handlers import below_v1


class _OfPages(MiddlewareMixin):
    """Mixed into a middleware, makes it pass on the requests of the API untouched."""

    def __call__(self, request: HttpRequest) -> Any:
        if below_v1(request):
            return self.get_response(request)
        return super().__call__(request)


class PageSessionMiddleware(_OfPages, SessionMiddleware):
    """Who comes back with their cookie."""


class PageAuthenticationMiddleware(_OfPages, AuthenticationMiddleware):
    """Which member of staff a session is of."""


class PageMessageMiddleware(_OfPages, MessageMiddleware):
    """What the next page is to tell."""
