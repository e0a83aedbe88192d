"""The console as a whole: one admin site, in Unfold's clothes."""

import time
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.sites import UnfoldAdminSite

from backoffice.finder import nothing_named, pages_named, rows_named
from users.acts import Actor
from users.services import set_password

# Longer than whatever one looks for: an email, a reference.
MAX_TERM = 255


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Django's form, which would save the whole row and so undo what others changed."""

    def save(self, commit: bool = True) -> Any:
        password = self.cleaned_data["new_password1"]
        actor = Actor(self.user.pk, "chose their own")
        set_password(self.user.pk, password, actor=actor)
        # The session goes on, under the new password's hash.
        self.user.refresh_from_db()
        return self.user


class ConsoleSite(UnfoldAdminSite):
    """What all pages share, and who gets in."""

    index_title = "Operations console"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {
            "console_banner": banner(),
            # What was done to a row is read in the audit trail, by who may read it.
            "show_history": request.user.has_perm("users.view_staffact"),
        }

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """There is one door, and it is allauth's."""
        return secure_admin_login(super().login)(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Choose a password of one's own; the form leaves the writing to a service."""
        view = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            template_name=self.password_change_template
            or "registration/password_change_form.html",
            success_url=reverse("admin:index"),
            extra_context=self.each_context(request) | (extra_context or {}),
        )
        return view(request)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """What a drop-down offers. PostgreSQL refuses NUL in any text, and so do we."""
        if "\0" in request.GET.get("term", ""):
            raise BadRequest("NUL")
        return super().autocomplete_view(request)

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The palette's answer. Unfold's own lowers the case of what was typed, and
        remembers what somebody was shown when they may not see it any more."""
        began = time.perf_counter()
        term = request.GET.get("s", "").strip()[:MAX_TERM]
        if not term:
            return HttpResponse()
        found = pages_named(request, term) + rows_named(request, term)
        shown = found or [nothing_named(term)]
        return TemplateResponse(
            request,
            "unfold/helpers/command_results.html",
            {
                # Their number is that of what was found, which may be nothing.
                "page_obj": Paginator(found, per_page=len(shown)),
                "results": Paginator(shown, per_page=len(shown)).page(1),
                "page_counter": 0,
                "execution_time": time.perf_counter() - began,
            },
            headers={"HX-Trigger": "search"},
        )


def banner() -> str:
    """What stands above every page: that this is not the real thing."""
    if settings.ENVIRONMENT_NAME == "production":
        return ""
    words = (
        f"This is the {settings.ENVIRONMENT_NAME} environment: "
        "nothing here is real money."
    )
    if settings.STAFF_SECOND_FACTOR:
        return words
    return f"{words} A password is enough to sign in."
