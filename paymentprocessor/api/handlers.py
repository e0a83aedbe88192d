"""What Django answers when no view of ours does: problems below /v1, pages elsewhere.

`urls.py` names the four handlers; Django looks for them there. The fifth one is named
in the settings (`CSRF_FAILURE_VIEW`).
"""

import sys
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from paymentprocessor.api.middleware import current_request_id
from paymentprocessor.api.problems import (
    CODES_OF_STATUS,
    INTERNAL_ERROR,
    NOTHING_HERE,
    Problem,
    problem_of,
    render,
)

# What a person is told in place of a page: what is the matter, and what to do.
_WORDS = {
    400: ("Not understood", "The request makes no sense as it is."),
    403: ("Not allowed", "You may not see this, or not do it. Ask an administrator."),
    404: ("Not found", "Nothing is here, or no longer. Check the address."),
    500: ("Something broke", "The fault is ours. Look before you repeat what you did."),
}


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A host we do not serve, a body too large, or a request that makes no sense."""
    if not below_v1(request):
        return _page(400)
    return render(request, problem_of(exception))


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A refusal that a middleware raised."""
    if not below_v1(request):
        return _page(403)
    return render(request, problem_of(exception))


def handler404(
    request: HttpRequest,
    exception: Exception,  # noqa: ARG001
) -> HttpResponse:
    """A path that leads nowhere."""
    if not below_v1(request):
        return _page(404)
    return render(request, NOTHING_HERE)


def handler500(request: HttpRequest) -> HttpResponse:
    """A fault outside of the API's views, which answer for their own."""
    if not below_v1(request):
        return _page(500)
    # Django calls this while it handles the exception, and has logged it.
    return render(request, problem_of(sys.exception()))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form from before its reader signed in anew; the API has no such check."""
    return _page(403, "The form is from before you signed in. Load its page again.")


class ProblemMiddleware:
    """Replaces Django's debug pages below /v1 by problems.

    With `DEBUG` Django shows its own pages and asks no handler, so that a client
    under development would meet HTML that it never sees in production.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.DEBUG:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        html = response.get("Content-Type", "").startswith("text/html")
        if response.status_code >= 400 and html and below_v1(request):
            return render(request, _problem_of_status(response.status_code))
        return response


def below_v1(request: HttpRequest) -> bool:
    """Whether the path belongs to the API."""
    return f"{request.path_info}/".startswith("/v1/")


def _page(status: int, instead: str = "") -> HttpResponse:
    title, words = _WORDS[status]
    told = {"title": title, "words": instead or words}
    told["request_id"] = current_request_id()
    page = render_to_string("paymentprocessor/failure.html", told)
    return HttpResponse(page, status=status)


def _problem_of_status(status: int) -> Problem:
    if status >= 500:
        return INTERNAL_ERROR
    code = CODES_OF_STATUS.get(status, "malformed_request")
    return Problem(status, code, "See the log of the server for the reason.")
