"""Who is let into the console's pages, and for how long."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from backoffice.signin import (
    has_second_factor,
    showed_second_factor,
    signed_in_at,
)

CONSOLE = "/admin/"
# Where one signs in, shows a second factor, and sets one up.
DOORS = "/admin/account/"
# Open to whoever is on their way in or out.
_ON_THE_WAY = {"admin:login", "admin:logout", "admin:jsi18n", "admin:password_change"}
# Between two notes of when somebody was last seen, so that not each page writes.
_NOTED_EVERY_S = 60
_BEGAN, _SEEN = "console_began_at", "console_seen_at"


class ConsoleDoorMiddleware:
    """Ends sessions in time, and asks for a password of one's own and a second factor.

    A session ends 15 minutes after the last page and 8 hours after the sign-in,
    whichever comes sooner. Without STAFF_SECOND_FACTOR, in development, a password is
    enough.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(CONSOLE):
            return self.get_response(request)
        if request.user.is_authenticated and _is_over(request):
            logout(request)
        return _stopped(request) or self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        """Give allauth's pages what the theme shows on every page."""
        if request.path_info.startswith(DOORS):
            response.context_data = admin.site.each_context(request) | (
                response.context_data or {}
            )
        return response


def _stopped(request: HttpRequest) -> HttpResponse | None:
    """Where they have to go first; None when they may go on."""
    user = request.user
    if not (user.is_authenticated and user.is_staff):
        # Django's admin sends them to sign in.
        return None
    if request.path_info in {reverse(name) for name in _ON_THE_WAY}:
        return None
    if user.password_is_temporary:
        if request.path_info.startswith(f"{DOORS}reauthenticate"):
            return None
        return redirect("admin:password_change")
    if request.path_info.startswith(DOORS) or not settings.STAFF_SECOND_FACTOR:
        return None
    if not has_second_factor(request):
        return redirect("mfa_activate_totp")
    if not showed_second_factor(request):
        return redirect(f"{reverse('mfa_reauthenticate')}?next={request.path}")
    return None


def _is_over(request: HttpRequest) -> bool:
    """Whether the session has ended; notes when it was last used."""
    now = int(time.time())
    began = request.session.setdefault(_BEGAN, signed_in_at(request) or now)
    seen = request.session.setdefault(_SEEN, now)
    if now - seen > settings.CONSOLE_IDLE_S or now - began > settings.CONSOLE_MAX_S:
        return True
    if now - seen >= _NOTED_EVERY_S:
        request.session[_SEEN] = now
    return False
