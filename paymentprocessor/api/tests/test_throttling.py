"""The rate limit."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import path
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from paymentprocessor.api.throttling import KeyRateThrottle
from paymentprocessor.api.views import ApiViewSet


class ByHeader(BaseAuthentication):
    """The header is the key's id; "wrong" is a key that does not exist."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        key = request.headers.get("Authorization")
        if key == "wrong":
            raise AuthenticationFailed("No such key.")
        return (object(), SimpleNamespace(pk=key)) if key else None


class Things(ApiViewSet):
    authentication_classes = [ByHeader]
    permission_classes = []
    throttle_classes = [KeyRateThrottle]

    def list(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("v1/things", Things.as_view({"get": "list"}))]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def two_a_minute(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.API_RATE_LIMIT = "2/minute"
    monkeypatch.setattr(KeyRateThrottle, "timer", lambda self: 6_000_015.5)
    caches["requests"].clear()
    yield
    caches["requests"].clear()


def ask(client: Client, key: str = "", **extra: Any) -> Any:
    headers = {"Authorization": key} if key else {}
    return client.get("/v1/things", headers=headers, **extra)


class TestKeyRateThrottle:
    def test_tells_the_state_on_every_answer(self, client: Client) -> None:
        answer = ask(client, "alice")

        assert answer.status_code == 200
        assert answer["RateLimit-Policy"] == '"default";q=2;w=60'
        assert answer["RateLimit"] == '"default";r=1;t=44'

    def test_refuses_what_is_too_much(self, client: Client) -> None:
        answers = [ask(client, "alice") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].json()["code"] == "rate_limited"
        assert answers[-1]["Retry-After"] == "44"
        assert answers[-1]["RateLimit"] == '"default";r=0;t=44'

    def test_starts_anew_in_the_next_window(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(3):
            ask(client, "alice")

        monkeypatch.setattr(KeyRateThrottle, "timer", lambda self: 6_000_060)

        assert ask(client, "alice")["RateLimit"] == '"default";r=1;t=60'

    def test_counts_each_key_for_itself(self, client: Client) -> None:
        for _ in range(3):
            ask(client, "alice")

        assert ask(client, "bob").status_code == 200

    def test_counts_addresses_where_there_is_no_key(self, client: Client) -> None:
        for _ in range(3):
            answer = ask(client, REMOTE_ADDR="10.0.0.1")

        assert answer.status_code == 429
        assert ask(client, REMOTE_ADDR="10.0.0.2").status_code == 200

    def test_does_not_believe_an_address_that_the_client_gives(
        self, client: Client
    ) -> None:
        for number in range(3):
            answer = ask(client, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")

        assert answer.status_code == 429

    def test_counts_guesses_at_keys(self, client: Client) -> None:
        answers = [ask(client, "wrong") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [401, 401, 429]
        assert answers[0]["RateLimit"] == '"default";r=1;t=44'

    def test_is_off_without_a_rate(self, client: Client, settings: Any) -> None:
        settings.API_RATE_LIMIT = ""

        answers = [ask(client, "alice") for _ in range(3)]

        assert {answer.status_code for answer in answers} == {200}
        assert "RateLimit" not in answers[0]

    def test_asks_the_cache_once(self, client: Client) -> None:
        ask(client, "alice")

        with patch.object(KeyRateThrottle, "cache", wraps=caches["requests"]) as spy:
            ask(client, "alice")

        assert [name for name, _, _ in spy.mock_calls] == ["incr"]
