"""What pages need around them and the API does not: sessions, forms, who signed in.

A key is not a session, no cookie signs anybody in below /v1, and so there is no request
of another site's to guard against. Together they were a tenth of an API request.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
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


class PageCsrfMiddleware(_OfPages, CsrfViewMiddleware):
    """Forms come from our own pages. DRF's views are exempt from its other half."""


class PageAuthenticationMiddleware(_OfPages, AuthenticationMiddleware):
    """Which member of staff a session is of."""


class PageMessageMiddleware(_OfPages, MessageMiddleware):
    """What the next page is to tell."""
