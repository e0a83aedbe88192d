"""Refusals: what a client is told when the answer is no (RFC 9457).

A refusal is a fact of the domain, so it is raised below the web layer and knows
nothing of requests or responses; `problems.py` writes it down as problem+json.
"""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """One field that is wrong; `pointer` is a JSON pointer (RFC 6901) to it."""

    detail: str
    pointer: str
    code: str


class Refusal(Exception):
    """The request was understood and is refused; nothing was written.

    `code` is stable and documented, `detail` is for people, `members` are further
    members of the problem document (for example `available` and `required`).
    `depends_on_state` says whether the same request might be allowed at another time.
    """

    status: ClassVar[int] = 422
    code: ClassVar[str] = "refused"
    depends_on_state: ClassVar[bool] = True
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class ValidationError(Refusal):
    """The request cannot succeed as it is, whatever the state of the books."""

    code = "validation_error"
    depends_on_state = False

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(
            "The request has invalid fields.",
            errors=[vars(error) for error in errors],
        )


class MalformedRequest(Refusal):
    """The request cannot be read at all."""

    status = 400
    code = "malformed_request"


class BadCursor(Refusal):
    """The cursor was not one of ours."""

    status = 400
    code = "bad_cursor"


class NotFound(Refusal):
    """There is no such thing, or it is somebody else's: both read the same."""

    status = 404
    code = "not_found"


class RequestInProgress(Refusal):
    """Another request holds what this one needs; this one did nothing."""

    status = 409
    code = "request_in_progress"
    headers = {"Retry-After": "1"}


class Unavailable(Refusal):
    """We cannot answer now, and nothing was written; the same request may later."""

    status = 503
    code = "database_unavailable"
    headers = {"Retry-After": "1"}


class OutcomeUnknown(Unavailable):
    """The connection broke while committing: repeat under the same key to learn."""

    code = "outcome_unknown"
