"""`Authorization: Bearer fxk_…`: who is calling."""

from datetime import timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from users.models import ApiKey
from users.queries import find_valid_key
from users.services.api_keys import digest

# Enough to see which keys are dead, without writing on each request.
_LAST_USED_PRECISION = timedelta(minutes=5)


class ApiKeyAuthentication(BaseAuthentication):
    """One look-up by the token's digest; `request.auth` is the key.

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
        key = find_valid_key(digest(token.strip()), now=now)
        # One answer for every reason: which of them it was helps only a thief.
        if key is None:
            raise AuthenticationFailed("This API key is not valid.")

        if key.last_used_at is None or key.last_used_at < now - _LAST_USED_PRECISION:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        return None, key
