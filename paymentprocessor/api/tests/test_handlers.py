"""Failures that no view of ours sees: problems below /v1, pages elsewhere."""

from typing import Any

import pytest
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from paymentprocessor.api import handlers

CAUSES = {
    "bad": BadRequest,
    "big": RequestDataTooBig,
    "denied": PermissionDenied,
    "fault": RuntimeError,
    "host": SuspiciousOperation,
    "away": OperationalError,
}


def raises(request: HttpRequest, cause: str) -> HttpResponse:
    raise CAUSES[cause]("secret")


urlpatterns = [path("v1/<cause>", raises), path("pages/<cause>", raises)]

handler400 = handlers.handler400
handler403 = handlers.handler403
handler404 = handlers.handler404
handler500 = handlers.handler500


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.urls(__name__)
class TestHandlers:
    @pytest.mark.parametrize(
        ("url", "status", "code"),
        [
            ("/v1/bad", 400, "malformed_request"),
            ("/v1/host", 400, "malformed_request"),
            ("/v1/big", 413, "body_too_large"),
            ("/v1/denied", 403, "forbidden"),
            ("/v1/no/such/path", 404, "not_found"),
            ("/v1", 404, "not_found"),
            ("/v1/fault", 500, "internal_error"),
            ("/v1/away", 503, "database_unavailable"),
        ],
    )
    def test_answer_a_problem_below_v1(
        self, client: Client, url: str, status: int, code: str
    ) -> None:
        answer = client.get(url)

        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == code
        assert answer.json()["request_id"] == answer["Request-Id"]
        assert b"secret" not in answer.content

    @pytest.mark.parametrize(
        ("url", "status", "title"),
        [
            ("/pages/bad", 400, "Not understood"),
            ("/pages/denied", 403, "Not allowed"),
            ("/nothing", 404, "Not found"),
            ("/v11", 404, "Not found"),
            ("/pages/fault", 500, "Something broke"),
        ],
    )
    def test_answer_a_page_elsewhere(
        self, client: Client, url: str, status: int, title: str
    ) -> None:
        answer = client.get(url)

        assert answer.status_code == status
        assert answer["Content-Type"].startswith("text/html")
        page = answer.content.decode()
        assert f"<h1>{title}</h1>" in page
        assert "backoffice/favicon.svg" in page
        assert 'href="/admin/"' in page
        assert answer["Request-Id"] in page
        assert "secret" not in page

    def test_answer_a_problem_for_a_host_that_is_not_ours(self, client: Client) -> None:
        answer = client.get("/v1/bad", headers={"Host": "evil.example"})

        assert answer.status_code == 400
        assert answer.json()["code"] == "malformed_request"


@pytest.mark.urls(__name__)
class TestProblemMiddleware:
    @pytest.mark.parametrize(
        ("url", "status", "code"),
        [
            ("/v1/bad", 400, "malformed_request"),
            ("/v1/no/such/path", 404, "not_found"),
            ("/v1/denied", 403, "forbidden"),
            ("/v1/fault", 500, "internal_error"),
        ],
    )
    def test_replaces_the_debug_pages_below_v1(
        self, client: Client, settings: Any, url: str, status: int, code: str
    ) -> None:
        settings.DEBUG = True

        answer = client.get(url)

        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == code

    def test_leaves_them_elsewhere(self, client: Client, settings: Any) -> None:
        settings.DEBUG = True

        answer = client.get("/pages/fault")

        assert b"secret" in answer.content


class TestForm:
    def test_from_before_its_reader_signed_in_anew_says_so(self) -> None:
        client = Client(enforce_csrf_checks=True)

        answer = client.post("/admin/account/login/", {"login": "sam"})

        assert answer.status_code == 403
        page = answer.content.decode()
        assert "Load its page again." in page
        assert answer["Request-Id"] in page
