"""The probes."""

import threading
import time
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import path

from paymentprocessor import health

urlpatterns = [path("livez", health.livez), path("readyz", health.readyz)]

pytestmark = pytest.mark.urls(__name__)

RELEASED = threading.Event()


def rate_age() -> dict[str, int]:
    return {"age_s": 60}


def broken() -> None:
    raise OperationalError("host=10.0.0.7 user=postgres")


def unready() -> None:
    raise health.NotReady("2 migrations are not applied.")


def hanging() -> None:
    RELEASED.wait(10)


def use(settings: Any, *checks: str) -> None:
    settings.READINESS_CHECKS = [f"{__name__}.{check}" for check in checks]


class TestLivez:
    def test_needs_no_database(self, client: Client) -> None:
        answer = client.get("/livez")

        assert answer.status_code == 200
        assert answer.json() == {"status": "ok"}


class TestReadyz:
    def test_shows_what_each_check_found(self, client: Client, settings: Any) -> None:
        use(settings, "rate_age")

        answer = client.get("/readyz")

        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ok",
            "checks": {"rate_age": {"ok": True, "detail": {"age_s": 60}}},
        }

    def test_is_unavailable_when_a_check_fails(
        self, client: Client, settings: Any
    ) -> None:
        use(settings, "broken", "unready", "rate_age")

        answer = client.get("/readyz")

        assert answer.status_code == 503
        checks = answer.json()["checks"]
        # The class, but not the message, which names hosts and users.
        assert checks["broken"] == {"ok": False, "detail": "OperationalError"}
        assert checks["unready"]["detail"] == "2 migrations are not applied."
        assert checks["rate_age"]["ok"] is True

    def test_does_not_wait_for_a_database_that_hangs(
        self, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use(settings, "hanging")
        monkeypatch.setattr(health, "TIMEOUT_S", 0.1)

        started = time.monotonic()
        answers = [client.get("/readyz") for _ in range(2)]
        elapsed_s = time.monotonic() - started
        RELEASED.set()

        assert [answer.status_code for answer in answers] == [503, 503]
        assert "timeout" in answers[0].json()["checks"]
        assert elapsed_s < 2


@pytest.mark.django_db(transaction=True)
class TestDatabase:
    def test_is_ready_with_every_migration(self, client: Client) -> None:
        answer = client.get("/readyz")

        assert answer.status_code == 200
        assert answer.json()["checks"]["database"]["ok"] is True
        assert answer.json()["checks"]["migrations"]["ok"] is True
