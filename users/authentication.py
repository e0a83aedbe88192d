"""`Authorization: Bearer fxk_…`: who is calling."""

from datetime import datetime, timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from users.acting import NOT_VALID
from users.models import ApiKey
from users.queries import find_valid_key
from users.services.api_keys import digest

# Enough to see which keys are dead, without writing on each request.
_LAST_USED_PRECISION = timedelta(minutes=5)

# Keys that were valid a moment ago, by their digest: enough to begin a movement with.
_seen: dict[bytes, tuple[ApiKey, datetime]] = {}
_REMEMBERED_FOR = timedelta(seconds=10)
_REMEMBERED = 10_000


class ApiKeyAuthentication(BaseAuthentication):
    """One look-up by the token's digest; `request.auth` is the key.

    An action of a view that says that it `confirms_keys` is let begin with one that was
    seen a moment ago.

    `request.user` is None: whose key it is, the key says.
    """

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return 'Bearer realm="FX Payment Processor"'

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token.isascii():
            raise AuthenticationFailed("Use: Authorization: Bearer <API key>.")

        now = timezone.now()
        found = digest(token.strip())
        key = _seen_lately(found, now) if _is_confirmed_later(request) else None
        if key is None:
            key = find_valid_key(found, now=now)
            if key is None:
                raise AuthenticationFailed(NOT_VALID)
            _remember(found, key, now)

        if key.last_used_at is None or key.last_used_at < now - _LAST_USED_PRECISION:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
            key.last_used_at = now
        return None, key


def _is_confirmed_later(request: Request) -> bool:
    """Whether it is a movement: then the locks ask for the key, see `users.acting`."""
    view = request.parser_context["view"]
    return getattr(view, "action", None) in getattr(view, "confirms_keys", ())


def _seen_lately(found: bytes, now: datetime) -> ApiKey | None:
    key, seen_at = _seen.get(found, (None, now))
    return key if now - seen_at < _REMEMBERED_FOR else None


def _remember(found: bytes, key: ApiKey, now: datetime) -> None:
    if len(_seen) >= _REMEMBERED:
        _seen.clear()
    _seen[found] = key, now
