"""What pages need around them and the API does not: sessions, and who signed in.

A key is not a session, and no cookie signs anybody in below /v1. With the page policy
they were a tenth of an API request. Django's guard of forms stays as it is: REST
framework's views are exempt from it, and it costs next to nothing.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.middleware import AccountMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
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


class PageAccountMiddleware:
    """Signing in by allauth.

    Of everything that is not found it asks whether it is a page of its own, and for
    that loads all of them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._around_pages: Any = AccountMiddleware(get_response)
        self.process_exception = self._around_pages.process_exception

    def __call__(self, request: HttpRequest) -> HttpResponse:
        handle = self.get_response if below_v1(request) else self._around_pages
        return handle(request)
