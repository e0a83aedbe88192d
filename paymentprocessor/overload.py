"""More requests than can be answered: some are told so at once, the others get through.

A queue in front of a busy service only makes everybody wait; who gives up and repeats
makes it longer. `paymentprocessor.serving` decides whom to turn away. It is done before
Django is asked: what it costs to turn somebody away, those who got through lack.
"""

import json
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import get_path_info, get_script_name

from paymentprocessor.api.metrics import count_unseen
from paymentprocessor.api.middleware import id_of
from paymentprocessor.api.problems import CONTENT_TYPE, OVERLOADED, document_of
from paymentprocessor.api_door import OF_DATA

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# How we are watched: a process that is busy is not dead.
_ALWAYS = {"/livez", "/readyz", "/metrics"}
# As such a request begins.
WATCHING = tuple(f"GET {path} ".encode() for path in sorted(_ALWAYS))
_STATUS = f"{OVERLOADED.status} {HTTPStatus(OVERLOADED.status).phrase}"
_HEADERS = [
    ("Content-Type", CONTENT_TYPE),
    ("Content-Security-Policy", OF_DATA),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", settings.X_FRAME_OPTIONS),
    *OVERLOADED.headers.items(),
]

_thread = threading.local()


def turn_away() -> None:
    """From now on this thread answers nothing but that there is too much to do."""
    _thread.turns_away = True


class Shedding:
    """The WSGI application, but in the threads that turn away."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        turns_away = getattr(_thread, "turns_away", False)
        if not turns_away or environ["PATH_INFO"] in _ALWAYS:
            return self._application(environ, start_response)
        path = get_script_name(environ).rstrip("/") + get_path_info(environ)
        request_id = id_of(environ)
        body = json.dumps(document_of(OVERLOADED, path, request_id)).encode()
        count_unseen(environ["REQUEST_METHOD"], OVERLOADED.status)
        told = [("Request-Id", request_id), ("Content-Length", str(len(body)))]
        start_response(_STATUS, _HEADERS + told)
        return [body]
