"""Problem documents (RFC 9457): the one shape of every answer that is not a success.

`type` is a reference to the page that explains the code, `/docs/errors#<code>`, and
`title` is the code in words; both depend on the code alone. `detail` is about this
request, and `errors` points at the fields that are wrong.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.signals import got_request_exception
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from drf_standardized_errors.formatter import flatten_errors
from drf_standardized_errors.settings import package_settings
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import set_rollback

from paymentprocessor import pool
from paymentprocessor.api.errors import FieldError, Refusal, ValidationError
from paymentprocessor.api.middleware import current_request_id

CONTENT_TYPE = "application/problem+json"

logger = logging.getLogger(__name__)

CODES_OF_STATUS = {
    400: "malformed_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    500: "internal_error",
    503: "database_unavailable",
}


@dataclass(frozen=True)
class Problem:
    """What went wrong, before it is tied to a request."""

    status: int
    code: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


NOTHING_HERE = Problem(404, "not_found", "There is nothing here.")
FORBIDDEN = Problem(403, "forbidden", "You may not do this.")
TOO_LARGE = Problem(413, "body_too_large", "The request body is too large.")
UNREADABLE = Problem(400, "malformed_request", "The request cannot be read.")
INTERNAL_ERROR = Problem(
    500,
    "internal_error",
    "Something went wrong on our side. Quote the request id when you report it.",
)
DATABASE_UNAVAILABLE = Problem(
    503,
    "database_unavailable",
    "The database does not answer. Repeat the request a little later.",
    headers={"Retry-After": "1"},
)
OVERLOADED = Problem(
    503,
    "overloaded",
    "There are more requests than can be answered now; nothing was done.",
    headers={"Retry-After": "1"},
)
LOCKED = Problem(
    409,
    "request_in_progress",
    "Another request holds what this one needs. Repeat the request.",
    headers={"Retry-After": "1"},
)


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Answer anything that a view raises; DRF's `EXCEPTION_HANDLER`.

    Nothing is left to Django, whose debug page would be HTML.
    """
    problem = problem_of(exc)
    set_rollback()
    request = _django_request(context["request"])
    _report(exc, problem, request)
    return render(request, problem)


def render(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Write the problem document."""
    document = document_of(problem, request.path, current_request_id())
    return HttpResponse(
        json.dumps(document, cls=JSONEncoder),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=dict(problem.headers),
    )


def document_of(problem: Problem, path: str, request_id: str) -> dict[str, Any]:
    """What is written of a problem that a request for this path had."""
    return {
        "type": f"/docs/errors#{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
        "code": problem.code,
        "request_id": request_id,
        **problem.members,
    }


def problem_of(exc: BaseException | None) -> Problem:
    """Say what an exception means for a client; unknown ones mean a fault of ours."""
    match exc:
        case Refusal():
            headers = exc.headers
            return Problem(exc.status, exc.code, exc.detail, exc.members, headers)
        case exceptions.APIException():
            return _of_rest_framework(exc)
        case Http404():
            # Its own text may name models and so tell what exists.
            return NOTHING_HERE
        case PermissionDenied():
            return FORBIDDEN
        case RequestDataTooBig():
            return TOO_LARGE
        case BadRequest() | SuspiciousOperation() | UnreadablePostError():
            return UNREADABLE
        # The pool and the driver raise their own where Django does not wrap them.
        case (
            OperationalError()
            | InterfaceError()
            | psycopg.OperationalError()
            | psycopg.InterfaceError()
        ):
            return LOCKED if _waited_for_a_lock(exc) else DATABASE_UNAVAILABLE
        # The server's last words can be of a kind that speaks of what it was asked for.
        case InternalError() if pool.is_of_the_connection(exc):
            return DATABASE_UNAVAILABLE
        case _:
            return INTERNAL_ERROR


def _of_rest_framework(exc: exceptions.APIException) -> Problem:
    match exc:
        case exceptions.ValidationError():
            refusal = ValidationError(*_field_errors(exc))
            return Problem(422, refusal.code, refusal.detail, refusal.members)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            # DRF makes this a 403 when the view names no scheme; ours is Bearer.
            scheme = {"WWW-Authenticate": getattr(exc, "auth_header", None) or "Bearer"}
            return Problem(401, "unauthenticated", str(exc.detail), headers=scheme)
        case exceptions.Throttled():
            wait = {"Retry-After": f"{getattr(exc, 'wait', None) or 1:.0f}"}
            return Problem(429, "rate_limited", str(exc.detail), headers=wait)
    code = CODES_OF_STATUS.get(exc.status_code, exc.default_code)
    return Problem(exc.status_code, code, str(exc.detail))


def _field_errors(exc: exceptions.ValidationError) -> list[FieldError]:
    return [
        FieldError(error.detail, _pointer(error.attr), error.code)
        for error in flatten_errors(exc.detail)
    ]


def _pointer(path: str | None) -> str:
    """Turn the path of a flattened error into a JSON pointer (RFC 6901)."""
    if path is None:
        return ""
    # `DRF_STANDARDIZED_ERRORS` joins the steps with NUL, the one character that no
    # key of a parsed body contains.
    steps = path.split(package_settings.NESTED_FIELD_SEPARATOR)
    # An error of the object as a whole points at the object.
    if steps[-1] == api_settings.NON_FIELD_ERRORS_KEY:
        steps.pop()
    escaped = [step.replace("~", "~0").replace("/", "~1") for step in steps]
    return "".join(f"/{step}" for step in escaped)


def _waited_for_a_lock(exc: BaseException) -> bool:
    lock_not_available = psycopg.errors.LockNotAvailable
    return isinstance(exc, lock_not_available) or isinstance(
        exc.__cause__, lock_not_available
    )


def _report(exc: Exception, problem: Problem, request: HttpRequest) -> None:
    """Log what the operator must know of and the client must not."""
    if problem is INTERNAL_ERROR:
        # What Django does for an exception that a view lets through: error trackers
        # and the test client listen to this signal.
        got_request_exception.send(sender=None, request=request)
        logger.error("Fault at %s %s", request.method, request.path, exc_info=exc)
    elif problem is DATABASE_UNAVAILABLE:
        logger.warning("Database away at %s %s: %s", request.method, request.path, exc)
        pool.drop_broken()


def _django_request(request: Request | HttpRequest) -> HttpRequest:
    return request._request if isinstance(request, Request) else request
