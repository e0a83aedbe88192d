"""How many requests one API key may make."""

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:
    # DRF imports this module while it makes the class.
    from rest_framework.views import APIView


class KeyRateThrottle(SimpleRateThrottle):
    """Counts the requests of an API key, or of an address without one, per window.

    Windows are fixed: all clients start anew at the same instants, which costs one
    cache operation per request where a sliding log would read and write a list. The
    cache `requests` lives in the process, so that each process grants the whole rate;
    a shared one (`CACHES`) makes it one rate for all.

    The state is told in the header fields of draft-ietf-httpapi-ratelimit-headers.
    """

    cache = caches["requests"]
    num_requests: int
    duration: int
    reset_s: int

    def get_rate(self) -> str | None:
        """The rate of the settings; an empty one means no limit."""
        return settings.API_RATE_LIMIT or None

    def parse_rate(self, rate: str | None) -> tuple[int | None, int | None]:
        return _parsed(rate)

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request, and describe the state in the headers of the answer."""
        if not self.rate:
            return True
        window, elapsed = divmod(self.timer(), self.duration)
        self.reset_s = int(self.duration - elapsed) or 1
        count = self._count(f"requests:{self.get_ident(request)}:{window:.0f}")

        remaining = max(self.num_requests - count, 0)
        # DRF copies these onto whatever the view answers, problems included.
        view.headers["RateLimit-Policy"] = (
            f'"default";q={self.num_requests};w={self.duration}'
        )
        view.headers["RateLimit"] = f'"default";r={remaining};t={self.reset_s}'
        return count <= self.num_requests

    def get_ident(self, request: Request) -> str:
        """Whose requests these are."""
        if request.auth is not None:
            return f"key:{request.auth.pk}"
        return f"address:{super().get_ident(request)}"

    def wait(self) -> float:
        """Seconds until the window ends."""
        return float(self.reset_s)

    def _count(self, key: str) -> int:
        try:
            return self.cache.incr(key)
        except ValueError:
            # The first request of the window; of several at once one adds the key.
            if self.cache.add(key, 1, timeout=self.duration):
                return 1
            return self.cache.incr(key)


@cache
def _parsed(rate: str | None) -> tuple[int | None, int | None]:
    """So many requests in so many seconds, of "6000/minute"."""
    return SimpleRateThrottle.parse_rate(None, rate)  # type: ignore[arg-type]
