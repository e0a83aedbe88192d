"""What the strict JSON parser takes and what it refuses."""

import io
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, UnreadablePostError
from django.test import Client
from django.urls import path
from gunicorn.http.errors import InvalidChunkSize
from rest_framework.request import Request
from rest_framework.response import Response

from paymentprocessor.api.errors import MalformedRequest
from paymentprocessor.api.parsers import (
    BodyTooLarge,
    JsonNumber,
    StrictJSONParser,
    parse_object,
)
from paymentprocessor.api.views import ApiView


class Echo(ApiView):
    authentication_classes = []
    permission_classes = []

    def post(self, request: Request) -> Response:
        return Response({"keys": sorted(request.data)})


class EchoMore(Echo):
    max_body_bytes = 128 * 1024


urlpatterns = [path("v1/echo", Echo.as_view()), path("v1/more", EchoMore.as_view())]


class TestParseObject:
    def test_reads_an_empty_body_as_an_empty_object(self) -> None:
        assert parse_object(b"") == {}

    def test_keeps_integers(self) -> None:
        value = parse_object(b'{"amount": 12345678901234567890}')["amount"]

        assert value == 12345678901234567890
        assert type(value) is int

    @pytest.mark.parametrize("literal", ["0.10", "1e2", "-1.5E-3", "1e308", "0.0"])
    def test_keeps_other_numbers_to_the_letter(self, literal: str) -> None:
        value = parse_object(b'{"amount": %s}' % literal.encode())["amount"]

        assert isinstance(value, JsonNumber)
        assert value == Decimal(literal)
        assert value.literal == literal

    def test_joins_the_halves_of_a_surrogate_pair(self) -> None:
        assert parse_object(rb'{"a": "\ud83d\ude00"}') == {"a": "\N{GRINNING FACE}"}

    @pytest.mark.parametrize("leaf", [b"1", rb'"\u00fc"', b'"[{"', b"{}", b"[]"])
    def test_takes_an_object_of_the_greatest_depth(self, leaf: bytes) -> None:
        depth = 31 if leaf in (b"{}", b"[]") else 32

        assert parse_object(b'{"a":' * depth + leaf + b"}" * depth)

    @pytest.mark.parametrize("sibling", [b"1", rb'"\u00fc"'])
    @pytest.mark.parametrize("depth", [32, 33])
    def test_finds_the_deepest_of_many(self, depth: int, sibling: bytes) -> None:
        inner = b"[" * (depth - 2) + b"]" * (depth - 2)
        body = b'{"a": [{}, %s, %s, []], "b": {}}' % (sibling, inner)

        if depth <= 32:
            assert parse_object(body)
        else:
            with pytest.raises(MalformedRequest, match="more than 32 levels"):
                parse_object(body)

    def test_finds_the_first_key_that_comes_twice(self) -> None:
        keys = [f'"{number}": 1' for number in range(100_000)]
        body = "{" + ", ".join([*keys, '"7": 2', '"5": 2']) + "}"

        with pytest.raises(MalformedRequest, match='key "7" occurs twice'):
            parse_object(body.encode())

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b'{"a": 1, "a": 2}', 'key "a" occurs twice'),
            (b'{"b": [{"a": 1, "a": 1}]}', 'key "a" occurs twice'),
            (b'{"a": NaN}', "NaN is not JSON"),
            (b'{"a": -Infinity}', "-Infinity is not JSON"),
            (b'{"a": 1e400}', "out of range"),
            (b'{"a": 1e-400}', "out of range"),
            (b'{"a": 1e99999999999999999999}', "out of range"),
            (b'{"a": %s}' % (b"9" * 4301), "4301 characters"),
            (b'{"a": 0.%s}' % (b"1" * 4301), "4303 characters"),
            (rb'{"a": "\u0000"}', "NUL"),
            (rb'{"\u0000": 1}', "NUL"),
            (b'{"a": "\0"}', "control character"),
            (rb'{"a": ["\ud800"]}', "surrogate"),
            (rb'{"\udfff": 1}', "surrogate"),
            (b'{"a": "\xff"}', "not UTF-8: invalid byte at position 7"),
            (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
            (b"\xef\xbb\xbf{}", "byte order mark"),
            (b'{"a":' * 33 + b"1" + b"}" * 33, "more than 32 levels"),
            (b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "more than 32 levels"),
            (b"[]", "must be a JSON object"),
            (b"null", "must be a JSON object"),
            (b"  ", "not JSON"),
            (b"{'a': 1}", "line 1, column 2"),
            (b'{"a": 01}', "not JSON"),
            (b'{"a": 1} {}', "Extra data"),
        ],
    )
    def test_refuses_what_it_would_have_to_change(
        self, body: bytes, reason: str
    ) -> None:
        with pytest.raises(MalformedRequest) as refusal:
            parse_object(body)

        assert reason in refusal.value.detail

    def test_does_not_repeat_long_input_in_the_reason(self) -> None:
        key = b"k" * 10_000

        with pytest.raises(MalformedRequest) as refusal:
            parse_object(b'{"%s": 1, "%s": 2}' % (key, key))

        assert len(refusal.value.detail) < 100


class Announcing(io.BytesIO):
    """A body that says how long it is, rightly or not, and counts what is read."""

    def __init__(self, body: bytes, length: str) -> None:
        super().__init__(body)
        self.META = {"CONTENT_LENGTH": length}


class TestStrictJSONParser:
    @pytest.mark.parametrize("length", [str(64 * 1024 + 1), "9" * 23, "9" * 5000])
    def test_does_not_read_a_body_announced_as_too_large(self, length: str) -> None:
        stream = Announcing(b"{}", length)

        with pytest.raises(BodyTooLarge):
            StrictJSONParser().parse(stream)

        assert stream.tell() == 0

    @pytest.mark.parametrize("length", ["", "2", "many"])
    def test_stops_reading_a_body_that_is_longer_than_announced(
        self, length: str
    ) -> None:
        stream = Announcing(b" " * 1_000_000, length)

        with pytest.raises(BodyTooLarge):
            StrictJSONParser().parse(stream)

        assert stream.tell() == 64 * 1024 + 1

    def test_refuses_a_body_whose_chunks_the_server_cannot_read(self) -> None:
        class Broken(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                raise InvalidChunkSize(b"zz")

        with pytest.raises(MalformedRequest):
            StrictJSONParser().parse(Broken())

    @pytest.mark.parametrize("body", [b"", b"{}"])
    def test_refuses_a_body_that_was_cut_off(self, body: bytes) -> None:
        with pytest.raises(MalformedRequest) as refusal:
            StrictJSONParser().parse(Announcing(body, "40"))

        assert "shorter" in refusal.value.detail

    def test_takes_a_body_of_the_greatest_length(self) -> None:
        body = b"{}" + b" " * (64 * 1024 - 2)

        assert StrictJSONParser().parse(io.BytesIO(body)) == {}

    def test_obeys_the_limit_of_the_view(self) -> None:
        context = {"view": SimpleNamespace(max_body_bytes=10)}

        with pytest.raises(BodyTooLarge) as refusal:
            StrictJSONParser().parse(io.BytesIO(b"{} " * 4), parser_context=context)

        assert refusal.value.members == {"limit": 10}


@pytest.mark.urls(__name__)
class TestReading:
    @pytest.mark.parametrize(
        "content_type",
        ["application/json", "application/json; charset=utf-8", "Application/JSON"],
    )
    def test_takes_json(self, client: Client, content_type: str) -> None:
        answer = client.generic("POST", "/v1/echo", b'{"a": 1}', content_type)

        assert answer.json() == {"keys": ["a"]}

    @pytest.mark.parametrize(
        "content_type",
        [
            "",
            "*/*",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json; charset=utf-16",
            "application/merge-patch+json",
        ],
    )
    def test_refuses_other_media_types(self, client: Client, content_type: str) -> None:
        answer = client.generic("POST", "/v1/echo", b'{"a": 1}', content_type)

        assert answer.status_code == 415
        assert answer.json()["code"] == "unsupported_media_type"

    @pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense"])
    def test_answers_json_whatever_is_accepted(
        self, client: Client, accept: str
    ) -> None:
        answer = client.generic("POST", "/v1/echo", headers={"Accept": accept})

        assert answer.json() == {"keys": []}
        assert answer["Content-Type"] == "application/json"

    def test_says_why_a_body_is_malformed(self, client: Client) -> None:
        answer = client.generic("POST", "/v1/echo", b"{", "application/json")

        assert answer.status_code == 400
        assert answer.json()["code"] == "malformed_request"
        assert "line 1" in answer.json()["detail"]

    def test_takes_long_bodies_only_where_the_view_does(self, client: Client) -> None:
        body = b"{}" + b" " * 100_000

        refused = client.generic("POST", "/v1/echo", body, "application/json")
        taken = client.generic("POST", "/v1/more", body, "application/json")

        assert refused.status_code == 413
        assert refused.json()["code"] == "body_too_large"
        assert taken.status_code == 200

    def test_reads_a_body_that_comes_in_chunks(self, client: Client) -> None:
        chunks: dict[str, Any] = {
            "wsgi.input": io.BytesIO(b'{"amount": "5"}'),
            "wsgi.input_terminated": True,
            "HTTP_TRANSFER_ENCODING": "chunked",
            "CONTENT_TYPE": "application/json",
        }

        answer = client.generic("POST", "/v1/echo", **chunks)

        assert answer.json() == {"keys": ["amount"]}

    def test_never_takes_chunks_for_an_empty_body(self, client: Client) -> None:
        answer = client.post("/v1/echo", headers={"Transfer-Encoding": "chunked"})

        assert answer.status_code == 400
        assert "Content-Length" in answer.json()["detail"]

    def test_survives_a_client_that_hangs_up(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(self: HttpRequest, *args: object) -> bytes:
            raise UnreadablePostError("Connection reset by peer")

        monkeypatch.setattr(HttpRequest, "read", broken)

        answer = client.generic("POST", "/v1/echo", b"{}", "application/json")

        assert answer.status_code == 400
        assert answer.json()["code"] == "malformed_request"
