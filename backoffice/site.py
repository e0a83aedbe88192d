"""The console as a whole: one admin site, in Unfold's clothes."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.paginator import InvalidPage
from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    """What all pages share, and who gets in."""

    index_title = "Operations console"

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"console_banner": banner()}

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().search(request, extra_context)
        except (InvalidPage, ValueError):
            # A page that is no number, or not there.
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)


def banner() -> str:
    """What stands above every page: that this is not the real thing."""
    if settings.ENVIRONMENT_NAME == "production":
        return ""
    return (
        f"This is the {settings.ENVIRONMENT_NAME} environment: "
        "nothing here is real money."
    )
