"""Request headers that several endpoints read."""

import re

from rest_framework.request import Request

from paymentprocessor.api.errors import MalformedRequest

PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")
ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')
# No leading zeros: another spelling is another tag. Eighteen digits fit a bigint.
VERSION = re.compile(r"0|[1-9][0-9]{0,17}")

NO_VERSION = -1


def read_idempotency_key(request: Request) -> str | None:
    """The client's name for this request, or None without the header.

    Written bare or in quotes; both spell the same key.

    :raises MalformedRequest: if it is empty, longer than 255 characters or not
        printable ASCII.
    """
    header: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    key = header.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not PRINTABLE.fullmatch(key):
        raise MalformedRequest(
            "Idempotency-Key must be 1 to 255 printable ASCII characters."
        )
    return key


def read_if_match(request: Request) -> int | None:
    """The version that the client expects; None if any will do.

    A tag that is no version of ours (a weak one, or `"abc"`) gives `NO_VERSION`,
    which matches nothing: the client asked for a state that does not exist.

    :raises MalformedRequest: if it is not one entity tag or `*`.
    """
    header: str | None = request.META.get("HTTP_IF_MATCH")
    if header is None or header.strip() == "*":
        return None
    tag = ENTITY_TAG.fullmatch(header.strip())
    if tag is None:
        raise MalformedRequest('If-Match must be one entity tag, like "3", or *.')
    weak, text = tag.groups()
    if weak or not VERSION.fullmatch(text):
        return NO_VERSION
    return int(text)


def etag(version: int) -> str:
    """The entity tag of a version: `"3"`."""
    return f'"{version}"'
