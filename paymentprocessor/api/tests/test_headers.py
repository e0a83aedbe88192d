"""Idempotency-Key, If-Match and ETag."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from paymentprocessor.api.errors import MalformedRequest
from paymentprocessor.api.headers import (
    NO_VERSION,
    etag,
    read_idempotency_key,
    read_if_match,
)


def request(**headers: str) -> Request:
    return Request(APIRequestFactory().post("/", headers=headers))


class TestReadIdempotencyKey:
    def test_is_none_without_the_header(self) -> None:
        assert read_idempotency_key(request()) is None

    @pytest.mark.parametrize("header", ["order-1", '"order-1"', "  order-1 "])
    def test_reads_it_quoted_or_bare(self, header: str) -> None:
        key = read_idempotency_key(request(**{"Idempotency-Key": header}))

        assert key == "order-1"

    @pytest.mark.parametrize("key", ["k" * 255, '"' + "k" * 255 + '"'])
    def test_takes_255_characters(self, key: str) -> None:
        assert read_idempotency_key(request(**{"Idempotency-Key": key})) == "k" * 255

    @pytest.mark.parametrize("key", ["", " ", '""', "k" * 256, "é", "a\tb", "a\0b"])
    def test_refuses_anything_else(self, key: str) -> None:
        with pytest.raises(MalformedRequest):
            read_idempotency_key(request(**{"Idempotency-Key": key}))


class TestReadIfMatch:
    @pytest.mark.parametrize(
        ("header", "version"),
        [
            ('"3"', 3),
            (' "0" ', 0),
            ("*", None),
            ('W/"3"', NO_VERSION),
            ('"abc"', NO_VERSION),
            ('"03"', NO_VERSION),
            ('""', NO_VERSION),
            ('"-1"', NO_VERSION),
            ('"99999999999999999999"', NO_VERSION),
        ],
    )
    def test_reads_the_version(self, header: str, version: int | None) -> None:
        assert read_if_match(request(**{"If-Match": header})) == version

    def test_is_none_without_the_header(self) -> None:
        assert read_if_match(request()) is None

    @pytest.mark.parametrize("header", ["3", "", '"3', '"3", "4"', "'3'", 'w/"3"'])
    def test_refuses_what_is_no_entity_tag(self, header: str) -> None:
        with pytest.raises(MalformedRequest):
            read_if_match(request(**{"If-Match": header}))


class TestEtag:
    def test_is_what_if_match_reads(self) -> None:
        assert etag(3) == '"3"'
        assert read_if_match(request(**{"If-Match": etag(3)})) == 3
