"""Pages and cursors."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymentprocessor.api.errors import BadCursor, ValidationError
from paymentprocessor.api.pagination import (
    decode_cursor,
    encode_cursor,
    paginate,
    read_limit,
)


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class TestReadLimit:
    def test_is_twenty_unless_asked(self) -> None:
        assert read_limit({}) == 20

    @pytest.mark.parametrize("limit", ["1", "20", "100"])
    def test_takes_one_to_a_hundred(self, limit: str) -> None:
        assert read_limit({"limit": limit}) == int(limit)

    @pytest.mark.parametrize(
        "limit",
        [
            "",
            "0",
            "101",
            "-1",
            "+1",
            "1.0",
            " 1",
            "1_0",
            "\N{FULLWIDTH DIGIT ONE}",
            "9" * 5000,
        ],
    )
    def test_refuses_anything_else(self, limit: str) -> None:
        with pytest.raises(ValidationError) as refusal:
            read_limit({"limit": limit})

        assert refusal.value.members["errors"][0]["pointer"] == "/limit"


class TestCursor:
    @given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]))))
    def test_comes_back_as_it_went(self, parts: list[str]) -> None:
        cursor = encode_cursor(*parts)

        if len(cursor) <= 512:
            assert decode_cursor(cursor, *[str for _ in parts]) == tuple(parts)

    def test_has_no_characters_that_a_url_escapes(self) -> None:
        cursor = encode_cursor("2026-01-01T00:00:00+00:00", "ÿÿÿ>>>???")

        assert cursor.replace("-", "").replace("_", "").isalnum()

    def test_gives_each_part_its_type(self) -> None:
        at = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))
        key = UUID("0192aaaa-0000-7000-8000-000000000000")
        cursor = encode_cursor(at.isoformat(), str(key), "42", "1.50")

        parts = decode_cursor(cursor, datetime.fromisoformat, UUID, int, Decimal)

        assert parts == (at, key, 42, Decimal("1.50"))
        assert parts[0].tzinfo is UTC

    @pytest.mark.parametrize(
        ("cursor", "parser"),
        [
            ("", str),
            ("!!!", str),
            ("é", str),
            ("a", str),
            (encoded('["1"]') + "==", str),
            (encoded('["1"]') + "\n", str),
            (encoded('"1"'), int),
            (encoded("[1]"), int),
            (encoded('{"a": "1"}'), str),
            (encoded('["1", "2"]'), int),
            (encoded("[]"), int),
            (encoded('["x"]'), int),
            (encoded('["99999999999999999999"]'), int),
            (encoded('["x"]'), UUID),
            (encoded('["NaN"]'), Decimal),
            (encoded('["x"]'), Decimal),
            (encoded('["2026-01-01T00:00:00"]'), datetime.fromisoformat),
            (encoded('["0001-01-01T00:00:00+14:00"]'), datetime.fromisoformat),
            (encoded('["\\u0000"]'), str),
            (encoded('["\\ud800"]'), str),
            (encoded("[" * 380), str),
            (encoded('["%s"]' % ("1" * 600)), str),
            (base64.urlsafe_b64encode(b'["\xff"]').decode(), str),
        ],
    )
    def test_is_refused_when_it_is_not_ours(
        self, cursor: str, parser: Callable[[str], Any]
    ) -> None:
        with pytest.raises(BadCursor):
            decode_cursor(cursor, parser)


def by_itself(row: int) -> tuple[str]:
    return (str(row),)


class TestPaginate:
    def test_says_where_the_next_page_begins(self) -> None:
        page = paginate([5, 4, 3], limit=2, position=by_itself)

        assert page.answer(str) == {
            "data": ["5", "4"],
            "has_more": True,
            "next_cursor": encode_cursor("4"),
        }

    @pytest.mark.parametrize("rows", [[], [5], [5, 4]])
    def test_has_no_cursor_on_the_last_page(self, rows: list[int]) -> None:
        page = paginate(rows, limit=2, position=by_itself)

        assert page.answer(int) == {
            "data": rows,
            "has_more": False,
            "next_cursor": None,
        }
