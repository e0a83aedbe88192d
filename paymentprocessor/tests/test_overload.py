"""Who is turned away at once, and that it makes no difference to them."""

import io

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create

from paymentprocessor.overload import Shedding, turn_away, turn_away_at_once

BODY = b'{"currency": "USD", "amount": "1.00"}'


def request(
    *more, first=b"POST /v1/wallets/7/fund HTTP/1.1", body=BODY, length=None
) -> bytes:
    length = str(len(body)).encode() if length is None else length
    head = [first, b"Host: localhost", b"Content-Length: " + length, *more]
    return b"\r\n".join([*head, b"", body])


def of_the_application(arrived):
    """Status, headers and body as the threads that turn away have them."""
    told = {}

    def start_response(status, headers):
        told.update(headers, status=status)

    parser = RequestParser(Config(), io.BytesIO(arrived), ("127.0.0.1", 1))
    _, environ = create(next(parser), None, ("127.0.0.1", 1), ("", 1), Config())
    turn_away()
    try:
        told["body"] = b"".join(Shedding(None)(environ, start_response))
    finally:
        turn_away.__globals__["_thread"].turns_away = False
    return told


def at_once(arrived):
    answered = turn_away_at_once(arrived)
    head, _, body = answered.answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers.pop("Date").endswith(" GMT")
    assert headers.pop("Connection") == "keep-alive"
    return headers | {"status": status.removeprefix("HTTP/1.1 "), "body": body}


class TestPlainRequest:
    @pytest.mark.parametrize(
        "arrived",
        [
            request(b"Request-Id: mine"),
            request(b"X-Request-ID: theirs", b"Connection: Keep-Alive"),
            request(b"Request-Id: mine", first=b"GET /v1/rates?base=EUR HTTP/1.1"),
            request(b"Request-Id:mine  ", body=b""),
            b"DELETE /v1/users/7 HTTP/1.1\r\nRequest-Id: mine\r\n\r\n",
        ],
    )
    def test_is_answered_as_by_the_application(self, arrived):
        assert at_once(arrived) == of_the_application(arrived)

    def test_has_a_request_id_of_our_own_instead_of_a_bad_one(self):
        answer = at_once(request(b"Request-Id: a forged line"))

        assert len(answer["Request-Id"]) == 16

    def test_ends_where_the_next_one_begins(self):
        arrived = request()

        assert turn_away_at_once(arrived + request()).length == len(arrived)


class TestAnyOther:
    """It is left to the parser of the server."""

    @pytest.mark.parametrize(
        "arrived",
        [
            b"",
            b"POST /v1/wal",
            request()[:-1],
            request().partition(BODY)[0],
            request(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
            request(b"Expect: 100-continue"),
            request(b"Connection: close"),
            request(b"Upgrade: h2c", b"Connection: upgrade"),
            request(b"Content-Length: 1"),
            request(b"Request-Id: one", b"request-id: two"),
            request(length=b"+1"),
            request(length=b"1, 1"),
            request(length=b"-1"),
            request(length=b"0x1"),
            request(length=b"99999999999999999999"),
            # More digits than Python makes a number of.
            request(length=b"9" * 5000),
            request(first=b"GET /livez HTTP/1.1", length=b"9" * 5000),
            request(b"Folded: one\r\n two"),
            request(b"Spaced : one"),
            request(b"No-Colon"),
            request(b"Bare: line\nfeed"),
            request(b"Nul: \0"),
            request().replace(b"\r\n", b"\n"),
            request(first=b"POST /v1/rates HTTP/1.0"),
            request(first=b"POST /v1/%72ates HTTP/1.1"),
            request(first=b"POST //elsewhere/v1 HTTP/1.1"),
            request(first=b"POST http://localhost/v1 HTTP/1.1"),
            request(first=b"POST  /v1 HTTP/1.1"),
            request(first=b"OPTIONS * HTTP/1.1"),
            request(first=b"HEAD /v1/rates HTTP/1.1", body=b""),
            request(first=b"GET /livez HTTP/1.1", body=b""),
            request(first=b"GET /metrics?name=a HTTP/1.1", body=b""),
        ],
        ids=lambda arrived: repr(arrived[:12] + arrived[-60:]),
    )
    def test_is_not_answered_here(self, arrived):
        assert turn_away_at_once(arrived) is None
