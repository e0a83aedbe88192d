"""Query parameters, read strictly: a filter that is misspelt must not be ignored."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from django.http import QueryDict

from paymentprocessor.api.errors import FieldError, ValidationError

INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2}))?",
    re.IGNORECASE,
)
# The plus of an offset that was not percent-encoded arrives as a blank.
LOST_PLUS = re.compile(r"(?<=[0-9]) (?=[0-9]{2}:?[0-9]{2}$)")
# Room on both sides for a time zone, and for a day more or less.
YEARS = range(1900, 9999)


def parse_instant(text: str, pointer: str) -> datetime:
    """Read an ISO 8601 instant; a bare date means its midnight in UTC.

    :raises ValidationError: if it is anything else, or has no time zone.
    """
    error = ValidationError(
        FieldError(
            "Must be an instant like 2026-01-31T12:00:00Z, or a date like 2026-01-31, "
            f"from {YEARS.start} to {YEARS.stop - 1}.",
            pointer,
            "invalid_instant",
        )
    )
    if len(text) > len("2026-01-31 12:00"):
        text = LOST_PLUS.sub("+", text)
    if not INSTANT.fullmatch(text):
        raise error
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError:
        raise error from None
    if instant.year not in YEARS:
        raise error
    if instant.tzinfo is None:
        return instant.replace(tzinfo=UTC)
    return instant.astimezone(UTC)


def read_pattern(parameters: Mapping[str, str], name: str, pattern: str) -> str:
    """A parameter that must be there and look like that.

    :raises ValidationError: if it is missing or does not.
    """
    text = parameters.get(name, "")
    if re.match(pattern, text):
        return text
    detail = "Must be given." if text == "" else "Does not look like one."
    raise ValidationError(FieldError(detail, f"/{name}", "invalid"))


def refuse_unknown_parameters(
    query_params: Mapping[str, str], allowed: Collection[str]
) -> None:
    """Refuse parameters that the endpoint does not know, repeated ones, and NUL.

    :raises ValidationError: naming each of them.
    """
    errors = []
    for name, value in query_params.items():
        pointer = "/" + name.replace("~", "~0").replace("/", "~1")
        if name not in allowed:
            detail = "There is no such parameter."
            errors.append(FieldError(detail, pointer, "unknown_parameter"))
        elif _is_repeated(query_params, name):
            detail = "Must be given once only."
            errors.append(FieldError(detail, pointer, "repeated"))
        elif "\0" in value:
            # PostgreSQL has no such character.
            detail = "Must not contain the character NUL."
            errors.append(FieldError(detail, pointer, "invalid"))
    if errors:
        raise ValidationError(*errors)


def _is_repeated(query_params: Mapping[str, str], name: str) -> bool:
    # Of several values Django would take the last and drop the others.
    return isinstance(query_params, QueryDict) and len(query_params.getlist(name)) > 1
