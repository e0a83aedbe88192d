"""What is around an answer of the API, and what is around pages only."""

from typing import Any

import pytest
from django.test import Client

SAFETY = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.fixture
def anybody() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.django_db
class TestApiDoor:
    @pytest.mark.parametrize(
        ("path", "headers", "status"),
        [
            ("/v1/users", {}, 401),
            ("/v1/schema", {}, 200),
            ("/v1/no/such/path", {}, 404),
            ("/v1", {}, 404),
            ("/v1/users", {"Host": "elsewhere.example"}, 400),
        ],
    )
    def test_makes_every_answer_safe(
        self, anybody: Client, path: str, headers: dict[str, str], status: int
    ) -> None:
        answer = anybody.get(path, headers=headers)

        assert answer.status_code == status
        assert SAFETY.items() <= dict(answer.items()).items()
        assert answer["Content-Length"] == str(len(answer.content))
        assert answer["Request-Id"]

    def test_sends_who_comes_in_plain_text_to_tls(
        self, anybody: Client, settings: Any
    ) -> None:
        settings.SECURE_SSL_REDIRECT = True

        answer = anybody.post("/v1/users?a=b")

        assert answer.status_code == 301
        assert answer["Location"] == "https://testserver/v1/users?a=b"

    @pytest.mark.parametrize("path", ["/v1/users", "/v1/no/such/path"])
    def test_knows_no_cookies(self, anybody: Client, path: str) -> None:
        anybody.cookies.load({"csrftoken": "nonsense", "sessionid": "nobody's"})

        answer = anybody.get(path)

        assert not answer.cookies
        assert "Vary" not in answer

    def test_lets_pages_through(self, anybody: Client) -> None:
        answer = anybody.get("/admin/account/login/")

        assert answer.status_code == 200
        assert "Cookie" in answer["Vary"]
        assert "script-src" in answer["Content-Security-Policy"]
        assert answer["Request-Id"]
