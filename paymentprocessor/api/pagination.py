"""Pages of a list, by keyset: a cursor says where the last page ended.

An offset would make the database read all that it skips, and would show a row twice
or never when others are added meanwhile.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from paymentprocessor.api.errors import BadCursor, FieldError, ValidationError

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
# Also too short for a list nested deeper than the interpreter follows.
MAX_CURSOR_LENGTH = 512
MAX_BIGINT = 2**63 - 1

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and where the next ones are."""

    rows: Sequence[Row]
    has_more: bool
    next_cursor: str | None

    def answer(self, serialize: Callable[[Row], Any]) -> dict[str, Any]:
        """The page as JSON, each row as `serialize` writes it."""
        return {
            "data": [serialize(row) for row in self.rows],
            "has_more": self.has_more,
            "next_cursor": self.next_cursor,
        }


def paginate(
    rows: Sequence[Row], limit: int, position: Callable[[Row], Sequence[str]]
) -> Page[Row]:
    """Make a page of up to `limit` rows.

    `rows` holds one more than the limit if there are more: fetch `limit + 1`.
    `position` gives the values that the list is sorted by, as texts.
    """
    shown = rows[:limit]
    if len(rows) <= limit:
        return Page(shown, has_more=False, next_cursor=None)
    return Page(shown, has_more=True, next_cursor=encode_cursor(*position(shown[-1])))


def read_limit(query_params: Mapping[str, str]) -> int:
    """How many rows the client wants.

    :raises ValidationError: if it is not a whole number from 1 to 100.
    """
    text = query_params.get("limit", str(DEFAULT_LIMIT))
    if re.fullmatch("[0-9]{1,3}", text) and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    detail = f"Must be a whole number from 1 to {MAX_LIMIT}."
    raise ValidationError(FieldError(detail, "/limit", "invalid"))


def encode_cursor(*parts: str) -> str:
    """Write a position as a cursor; opaque to clients, so that it may change."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str, *parsers: Callable[[str], Any]) -> tuple[Any, ...]:
    """Read a position back, each part by its parser: `UUID`, `int`, `Decimal`, ...

    :raises BadCursor: if it is not a cursor, or not one of this list.
    """
    try:
        return tuple(
            _sound(parse(part))
            for parse, part in zip(parsers, _parts(text), strict=True)
        )
    # What parsers raise; ArithmeticError covers overflows and malformed decimals.
    except (ValueError, TypeError, ArithmeticError):
        raise BadCursor("The cursor is none that a list gave.") from None


def _parts(text: str) -> list[str]:
    if len(text) > MAX_CURSOR_LENGTH:
        raise ValueError
    padded = text + "=" * (-len(text) % 4)
    parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    if not isinstance(parts, list):
        raise TypeError
    for part in parts:
        if not isinstance(part, str) or not part.isprintable():
            raise ValueError
    return parts


def _sound(value: Any) -> Any:
    """Refuse what parses but would be an error in the database."""
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError
            return value.astimezone(UTC)
        case int() if abs(value) > MAX_BIGINT:
            raise OverflowError
        case Decimal() if not value.is_finite():
            raise ValueError
    return value
