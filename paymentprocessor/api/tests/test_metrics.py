"""What Prometheus sees."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from paymentprocessor.api.metrics import metrics


def teapot(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(status=418)


urlpatterns = [path("metrics", metrics), path("v1/teapots/<name>", teapot)]

pytestmark = pytest.mark.urls(__name__)


class Teapots(Collector):
    """What nobody counts, and somebody knows."""

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("teapots_boiling", "Test.", 3)


def requests_counted(**labels: str) -> float:
    return REGISTRY.get_sample_value("http_requests_total", labels) or 0


class TestMetricsMiddleware:
    def test_counts_by_route_and_not_by_path(self, client: Client) -> None:
        labels = {"method": "GET", "route": "v1/teapots/<name>", "status": "418"}
        before = requests_counted(**labels)

        client.get("/v1/teapots/one")
        client.get("/v1/teapots/two")

        assert requests_counted(**labels) == before + 2

    def test_lets_a_client_make_up_no_labels(self, client: Client) -> None:
        labels = {"method": "other", "route": "unrouted", "status": "404"}
        before = requests_counted(**labels)

        client.generic("BREW", "/made/up")

        assert requests_counted(**labels) == before + 1


class TestMetrics:
    @pytest.fixture(autouse=True)
    def production(self, settings: Any) -> None:
        settings.DEVELOPMENT = False
        settings.METRICS_TOKEN = "prometheus-token"
        settings.METRICS_COLLECTORS = [f"{__name__}.Teapots"]

    def test_shows_the_numbers_to_who_knows_the_token(self, client: Client) -> None:
        client.get("/v1/teapots/one")

        answer = client.get(
            "/metrics", headers={"Authorization": "Bearer prometheus-token"}
        )

        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain")
        assert b"http_request_duration_seconds_bucket" in answer.content
        assert b"teapots_boiling 3.0" in answer.content

    @pytest.mark.parametrize(
        "given", ["", "Bearer", "Bearer wrong", "prometheus-token", "Bearer é"]
    )
    def test_refuses_everybody_else(self, client: Client, given: str) -> None:
        answer = client.get("/metrics", headers={"Authorization": given})

        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert answer.content == b""

    def test_is_absent_without_a_token(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = ""

        assert client.get("/metrics").status_code == 404

    def test_is_open_in_development(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = ""
        settings.DEVELOPMENT = True

        assert client.get("/metrics").status_code == 200

    def test_adds_up_the_processes(
        self, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        count = (
            "from prometheus_client import Counter\n"
            "Counter('from_processes_total', 'Test.').inc()"
        )
        for _ in range(2):
            subprocess.run([sys.executable, "-c", count], check=True)

        answer = client.get(
            "/metrics", headers={"Authorization": "Bearer prometheus-token"}
        )

        assert b"from_processes_total 2.0" in answer.content
