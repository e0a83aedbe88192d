"""Query parameters."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from paymentprocessor.api.errors import ValidationError
from paymentprocessor.api.parameters import parse_instant, refuse_unknown_parameters


class TestParseInstant:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-01-01",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-01t00:00:00z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00.000000+00:00",
            "2026-01-01T02:00:00+0200",
            "2025-12-31T19:00:00-05:00",
            # A plus that was not percent-encoded.
            "2026-01-01T00:00:00 00:00",
            "2026-01-01T02:00 02:00",
            "2026-01-01 02:00:00 0200",
        ],
    )
    def test_reads_every_way_to_write_it(self, text: str) -> None:
        assert parse_instant(text, "/from") == datetime(2026, 1, 1, tzinfo=UTC)

    def test_answers_in_utc(self) -> None:
        assert parse_instant("2026-01-01T02:00:00+02:00", "/from").tzinfo is UTC

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "yesterday",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00",
            "2026-02-30",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00.1234567Z",
            "2026-01-01T00:00:00+99:00",
            "20260101",
            "2026-W01-1",
            "202\N{FULLWIDTH DIGIT SIX}-01-01",
            "0000-01-01",
            "1899-12-31",
            "9999-12-31",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "99999-01-01",
            "1767225600",
            "2026-01-01\0",
            "2026-01-01Z",
            "2026-01-01\n",
        ],
    )
    def test_refuses_anything_else(self, text: str) -> None:
        with pytest.raises(ValidationError) as refusal:
            parse_instant(text, "/from")

        assert refusal.value.members["errors"][0]["pointer"] == "/from"
        assert refusal.value.members["errors"][0]["code"] == "invalid_instant"


class TestRefuseUnknownParameters:
    def test_lets_known_ones_pass(self) -> None:
        refuse_unknown_parameters(QueryDict("limit=5&cursor="), {"limit", "cursor"})

    def test_names_each_unknown_one(self) -> None:
        with pytest.raises(ValidationError) as refusal:
            refuse_unknown_parameters(QueryDict("limits=5&a/b=1&limit=2"), {"limit"})

        errors = refusal.value.members["errors"]
        assert [error["pointer"] for error in errors] == ["/limits", "/a~1b"]
        assert {error["code"] for error in errors} == {"unknown_parameter"}

    def test_refuses_to_choose_between_two_values(self) -> None:
        with pytest.raises(ValidationError) as refusal:
            refuse_unknown_parameters(QueryDict("limit=1&limit=2"), {"limit"})

        [error] = refusal.value.members["errors"]
        assert (error["pointer"], error["code"]) == ("/limit", "repeated")

    def test_refuses_nul(self) -> None:
        with pytest.raises(ValidationError) as refusal:
            refuse_unknown_parameters(QueryDict("reference=a%00"), {"reference"})

        assert refusal.value.members["errors"][0]["pointer"] == "/reference"
