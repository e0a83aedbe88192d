"""The request id: one name for a request in the answer, the problem and the logs."""

import logging
import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse

SOUND_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

_request_id: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """The id of the request being answered; "-" outside of one."""
    return _request_id.get()


def id_of(environ: Mapping[str, Any]) -> str:
    """The client's own id, unless it could forge a log line or flood the log.

    :param environ: what WSGI tells of the request.
    """
    given = environ.get("HTTP_REQUEST_ID") or environ.get("HTTP_X_REQUEST_ID") or ""
    return given if SOUND_ID.fullmatch(given) else _new_id()


def _new_id() -> str:
    """96 random bits in 16 characters, since every transaction keeps one for ever."""
    return b64encode(os.urandom(12), b"._").decode("ascii")


class RequestIdMiddleware:
    """Names each request, and repeats the name in the `Request-Id` of its answer.

    It comes first in `MIDDLEWARE`, so that no answer leaves without an id: errors,
    redirects and static files included.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = id_of(request.META)
        request.request_id = request_id  # type: ignore[attr-defined]
        # Left in place at the end: Django logs the answer after the last middleware,
        # and the thread's next request brings its own.
        _request_id.set(request_id)
        response = self.get_response(request)
        response["Request-Id"] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Gives every log record the `request_id` that the log format shows."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id()
        return True
