"""Numbers for Prometheus: how many requests, and how long they took."""

import os
import time
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
UNROUTED = "unrouted"

REQUESTS = Counter(
    "http_requests_total",
    "Requests answered.",
    ["method", "route", "status"],
)
LATENCY = Histogram(
    "http_request_duration_seconds",
    "From the first middleware to the answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class MetricsMiddleware:
    """Counts and times each request under its route.

    Labels come from our own tables and not from the client, who could otherwise
    fill the memory with series: the route as written in `urls.py`, not the path.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        elapsed_s = time.perf_counter() - started

        method = _known(request.method)
        route = request.resolver_match.route if request.resolver_match else UNROUTED
        _requests(method, route, response.status_code).inc()
        _latency(method, route).observe(elapsed_s)
        return response


def count_unseen(method: str, status: int) -> None:
    """Count a request that was answered without being looked at."""
    _requests(_known(method), UNROUTED, status).inc()


def _known(method: str | None) -> str:
    return method if method in METHODS else "other"


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, status)


@cache
def _latency(method: str, route: str) -> Histogram:
    return LATENCY.labels(method, route)


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, which shows `METRICS_TOKEN` as its Bearer token.

    Without a token configured the page is open in development and absent elsewhere.
    """
    if not settings.METRICS_TOKEN:
        if not settings.DEVELOPMENT:
            raise Http404
    elif not _shows_the_token(request):
        challenge = {"WWW-Authenticate": "Bearer"}
        return HttpResponse(status=401, headers=challenge)
    numbers = generate_latest(_registry()) + generate_latest(_asked_registry())
    return HttpResponse(numbers, content_type=CONTENT_TYPE_LATEST)


def _shows_the_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")


def _registry() -> CollectorRegistry:
    """All processes' numbers when they share a folder, else this one's."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def _asked_registry() -> CollectorRegistry:
    """What nobody counts and `METRICS_COLLECTORS` find out when asked."""
    registry = CollectorRegistry()
    for path in settings.METRICS_COLLECTORS:
        registry.register(import_string(path)())
    return registry
