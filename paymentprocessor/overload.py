"""More requests than can be answered: some are told so at once, the others get through.

A queue in front of a busy service only makes everybody wait; who gives up and repeats
makes it longer. `paymentprocessor.serving` decides whom to turn away. It is done before
Django is asked: what it costs to turn somebody away, those who got through lack.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, NamedTuple

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

# A request as nearly all clients send it. It is read here only as far as to know where
# it ends; whatever else comes is for the server's own parser.
_PLAIN = re.compile(
    rb"(?!HEAD)([A-Z]+) (/(?!/)[!$&-~]*) HTTP/1\.1\r\n"
    rb"((?:[A-Za-z0-9-]+: ?[!-~][ -~]*\r\n)+)\r\n"
)
# No number is longer that we could still take for plain.
_LENGTH = re.compile(r"[0-9]{1,5}")
# What may mean that it ends elsewhere.
_NOT_PLAIN = {
    "HTTP_EXPECT",
    "HTTP_TE",
    "HTTP_TRAILER",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_UPGRADE",
}

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
        headers, body = _told(environ["REQUEST_METHOD"], path, environ)
        start_response(_STATUS, headers)
        return [body]


class TurnedAway(NamedTuple):
    """How many bytes a request has, and all of what it is answered."""

    length: int
    answer: bytes


def turn_away_at_once(arrived: bytes) -> TurnedAway | None:
    """Answer a plain request that has arrived in full; None if it is no such.

    The same as by the application, at a fraction of what a parser and threads take.
    """
    match = _PLAIN.match(arrived)
    if match is None:
        return None
    method, target, fields = (part.decode() for part in match.groups())
    pairs = [field.split(":", 1) for field in fields.splitlines()]
    environ = {
        f"HTTP_{name.upper().replace('-', '_')}": value.strip() for name, value in pairs
    }
    length = environ.get("HTTP_CONTENT_LENGTH", "0")
    is_plain = (
        len(environ) == len(pairs)
        and not environ.keys() & _NOT_PLAIN
        and environ.get("HTTP_CONNECTION", "keep-alive").lower() == "keep-alive"
        and _LENGTH.fullmatch(length) is not None
    )
    if not is_plain:
        return None
    path, ends_at = target.partition("?")[0], match.end() + int(length)
    if path in _ALWAYS or ends_at > len(arrived):
        return None
    told, body = _told(method, path, environ)
    head = [*told, ("Date", formatdate(usegmt=True)), ("Connection", "keep-alive")]
    lines = [f"HTTP/1.1 {_STATUS}", *(f"{name}: {value}" for name, value in head)]
    return TurnedAway(ends_at, "\r\n".join([*lines, "", ""]).encode() + body)


def _told(
    method: str, path: str, environ: Mapping[str, Any]
) -> tuple[list[tuple[str, str]], bytes]:
    """The headers and the body of the answer, which is counted."""
    request_id = id_of(environ)
    body = json.dumps(document_of(OVERLOADED, path, request_id)).encode()
    count_unseen(method, OVERLOADED.status)
    told = [("Request-Id", request_id), ("Content-Length", str(len(body)))]
    return _HEADERS + told, body
