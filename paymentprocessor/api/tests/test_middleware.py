"""The request id."""

import logging
import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from paymentprocessor.api.middleware import (
    RequestIdFilter,
    RequestIdMiddleware,
    current_request_id,
)


def answer_with_id(request: HttpRequest) -> HttpResponse:
    assert request.request_id == current_request_id()  # type: ignore[attr-defined]
    return HttpResponse(current_request_id())


class TestRequestIdMiddleware:
    def test_makes_an_id(self, rf: RequestFactory) -> None:
        response = RequestIdMiddleware(answer_with_id)(rf.get("/"))

        assert re.fullmatch(r"[\w.]{16}", response["Request-Id"])
        assert response.content.decode() == response["Request-Id"]

    @pytest.mark.parametrize("header", ["Request-Id", "X-Request-Id"])
    def test_takes_the_id_of_the_client(self, rf: RequestFactory, header: str) -> None:
        request = rf.get("/", headers={header: "order-1_a.B"})

        response = RequestIdMiddleware(answer_with_id)(request)

        assert response["Request-Id"] == "order-1_a.B"
        assert response.content == b"order-1_a.B"

    @pytest.mark.parametrize("given", ["", "a b", "a\nb", "a" * 65, "é", "a\n", "<b>"])
    def test_ignores_an_id_that_could_forge_a_log(
        self, rf: RequestFactory, given: str
    ) -> None:
        request = rf.get("/", headers={"Request-Id": given})

        response = RequestIdMiddleware(answer_with_id)(request)

        assert response["Request-Id"] != given
        assert re.fullmatch(r"[\w.]{16}", response["Request-Id"])

    def test_gives_each_request_an_id_of_its_own(self, rf: RequestFactory) -> None:
        middleware = RequestIdMiddleware(answer_with_id)

        responses = [middleware(rf.get("/")) for _ in range(2)]

        assert responses[0]["Request-Id"] != responses[1]["Request-Id"]

    def test_is_in_the_line_that_django_logs_of_an_error(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.handler.addFilter(RequestIdFilter())

        answer = client.get("/nothing")

        logged = [vars(record)["request_id"] for record in caplog.records]
        assert logged == [answer["Request-Id"]]


class TestRequestIdFilter:
    def test_gives_a_record_the_id(self, rf: RequestFactory) -> None:
        record = logging.makeLogRecord({})

        def log(request: HttpRequest) -> HttpResponse:
            RequestIdFilter().filter(record)
            return HttpResponse()

        response = RequestIdMiddleware(log)(rf.get("/"))

        assert vars(record)["request_id"] == response["Request-Id"]
