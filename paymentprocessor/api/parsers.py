"""A JSON parser that refuses whatever it could only read by changing it.

The parser of the standard library keeps the last of two equal keys, turns amounts
into binary floats and lets NUL and lone surrogates through, which PostgreSQL then
cannot store: each is a silent change or a fault later.
"""

import codecs
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn, Self

from rest_framework.parsers import BaseParser

from paymentprocessor.api.errors import MalformedRequest, Refusal

MAX_BODY_BYTES = 64 * 1024
MAX_DEPTH = 32
# What the interpreter itself allows for integers; longer literals cost quadratic time.
MAX_NUMBER_LENGTH = 4300
# The range of a binary double: other JSON parsers read 1e400 as infinity.
MAX_EXPONENT = 308

CONTENT_LENGTH = re.compile("[0-9]+")
# The first digits tell, and Python does not convert thousands of them.
MANY_DIGITS = 18
_CONTAINERS = (dict, list)


class BodyTooLarge(Refusal):
    """The body is longer than this endpoint reads."""

    status = 413
    code = "body_too_large"


class JsonNumber(Decimal):
    """A JSON number with a fraction or an exponent; `literal` is how it was sent."""

    literal: str

    def __new__(cls, literal: str) -> Self:
        number = super().__new__(cls, literal)
        number.literal = literal
        return number


class StrictJSONParser(BaseParser):
    """Reads a JSON object, or nothing as an empty one.

    A view that takes longer bodies says so with an attribute `max_body_bytes`.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Read the body.

        :raises BodyTooLarge: before anything is read if the client announces it.
        :raises MalformedRequest: with the reason, for everything else.
        """
        view = (parser_context or {}).get("view")
        return parse_object(
            _read(stream, getattr(view, "max_body_bytes", MAX_BODY_BYTES))
        )


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object; integers are `int`, other numbers `JsonNumber`."""
    if not body:
        return {}
    text = _decode(body)
    value = _parse(text)
    if not isinstance(value, dict):
        raise MalformedRequest("The body must be a JSON object.")
    if "\\u" in text:
        _check(value, depth=1)
    else:
        # UTF-8 has no halves of pairs, and JSON no NUL but for `\\u0000`.
        _check_depth(value)
    return value


def _read(stream: IO[bytes], limit: int) -> bytes:
    header = getattr(stream, "META", {}).get("CONTENT_LENGTH", "")
    announced = int(header[:MANY_DIGITS]) if CONTENT_LENGTH.fullmatch(header) else 0
    too_large = BodyTooLarge(f"The body is longer than {limit} bytes.", limit=limit)
    if announced > limit:
        raise too_large
    # The length may be missing or wrong: what counts is what arrives.
    chunks, length = [], 0
    while chunk := _read_some(stream, min(64 * 1024, limit + 1 - length)):
        chunks.append(chunk)
        length += len(chunk)
        if length > limit:
            raise too_large
    if length < announced:
        # The client went away. Nothing at all would read as an empty body, and an
        # order whose fields are optional would be carried out without them.
        raise MalformedRequest("The body is shorter than its Content-Length.")
    return b"".join(chunks)


def _read_some(stream: IO[bytes], size: int) -> bytes:
    try:
        return stream.read(size)
    except Exception as broken:
        # Chunks that break the rules of HTTP; every server has its own name for it.
        raise MalformedRequest("The body cannot be read to its end.") from broken


def _decode(body: bytes) -> str:
    if body.startswith(codecs.BOM_UTF8):
        raise MalformedRequest("The body starts with a byte order mark; leave it out.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedRequest(
            f"The body is not UTF-8: invalid byte at position {error.start}."
        ) from None


def _parse(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedRequest(
            f"The body is not JSON: {error.msg} "
            f"at line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise _too_deep() from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        _refuse_repeated(key for key, _ in pairs)
    return members


def _refuse_repeated(keys: Iterable[str]) -> None:
    seen = set()
    for key in keys:
        if key in seen:
            raise MalformedRequest(f"The key {_shown(key)} occurs twice in one object.")
        seen.add(key)


def _integer(literal: str) -> int:
    _refuse_long(literal)
    return int(literal)


def _number(literal: str) -> JsonNumber:
    _refuse_long(literal)
    try:
        number = JsonNumber(literal)
    except InvalidOperation:
        number = None
    if number is None or abs(number.adjusted()) > MAX_EXPONENT:
        raise MalformedRequest(f"The number {_shown(literal)} is out of range.")
    return number


def _refuse_long(literal: str) -> None:
    if len(literal) > MAX_NUMBER_LENGTH:
        raise MalformedRequest(
            f"A number has {len(literal)} characters, "
            f"more than the {MAX_NUMBER_LENGTH} allowed."
        )


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedRequest(f"{name} is not JSON.")


_DECODER = json.JSONDecoder(
    parse_int=_integer,
    parse_float=_number,
    parse_constant=_refuse_constant,
    object_pairs_hook=_object,
)


def _check_depth(value: dict[str, Any]) -> None:
    """Refuse what is nested too deeply: level by level, texts and numbers left out."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in _CONTAINERS
        ]
        if not level:
            return
    raise _too_deep()


def _check(value: Any, depth: int) -> None:
    """Refuse what is nested too deeply, and texts that PostgreSQL cannot store."""
    if isinstance(value, str):
        _check_text(value)
        return
    if not isinstance(value, dict | list):
        return
    if depth > MAX_DEPTH:
        raise _too_deep()
    if isinstance(value, dict):
        for key in value:
            _check_text(key)
    for inner in value.values() if isinstance(value, dict) else value:
        _check(inner, depth + 1)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise MalformedRequest("A string contains the character NUL (\\u0000).")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedRequest(
            "A string contains half of a surrogate pair (\\ud800 to \\udfff)."
        ) from None


def _too_deep() -> MalformedRequest:
    return MalformedRequest(f"The body is nested more than {MAX_DEPTH} levels deep.")


def _shown(text: str) -> str:
    """Quote what the client sent, in ASCII and not at length."""
    return json.dumps(text if len(text) <= 40 else f"{text[:40]}…")
