"""More requests than can be answered: some are told so at once, the others get through.

A queue in front of a busy service only makes everybody wait; who gives up and repeats
makes it longer. `paymentprocessor.serving` decides whom to turn away.
"""

import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from paymentprocessor.api.problems import OVERLOADED, render

# How we are watched: a process that is busy is not dead.
_ALWAYS = {"/livez", "/readyz", "/metrics"}

_thread = threading.local()


def turn_away() -> None:
    """From now on this thread answers nothing but that there is too much to do."""
    _thread.turns_away = True


def turned_away(request: HttpRequest) -> HttpResponse | None:
    """What is answered in the threads that turn away, before anything was done."""
    if not getattr(_thread, "turns_away", False):
        return None
    response = render(request, OVERLOADED)
    # The metrics count them; a line for each would be one more thing to do.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


class OverloadMiddleware:
    """Turns pages away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in _ALWAYS:
            return self.get_response(request)
        return turned_away(request) or self.get_response(request)
