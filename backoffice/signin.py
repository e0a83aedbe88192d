"""Signing in: what allauth asks us about, and how its secrets are kept."""

import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from backoffice.actors import actor_of
from users.services import record_sign_in

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class ConsoleAccountAdapter(DefaultAccountAdapter):
    """Staff only, whose logins are made by others."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not of whoever has just signed in."""
        return not signed_in_recently(self.request)

    def post_login(
        self, request: HttpRequest, user: Any, **kwargs: Any
    ) -> HttpResponse:
        answer = super().post_login(request, user, **kwargs)
        record_sign_in(user, actor=actor_of(request))
        return answer


class ConsoleMFAAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticators encrypted, under keys from SECRET_KEY.

    Who only has the database cannot make codes. A retired SECRET_KEY still opens what
    it locked as long as it is among SECRET_KEY_FALLBACKS.
    """

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return "FX Payment Processor"


def _box() -> "MultiFernet":
    # Three megabytes, which only a worker needs that staff sign in at.
    from cryptography.fernet import Fernet, MultiFernet

    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet(
        Fernet(urlsafe_b64encode(sha256(("authenticators:" + key).encode()).digest()))
        for key in keys
    )


def has_second_factor(request: HttpRequest) -> bool:
    """Whether they have one at all."""
    return bool(is_mfa_enabled(request.user))


def showed_second_factor(request: HttpRequest) -> bool:
    """Whether they showed it in this session."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


def signed_in_at(request: HttpRequest) -> float | None:
    """When the session's owner came in, in seconds of the epoch."""
    records = get_authentication_records(request, request.user)
    return min((record["at"] for record in records), default=None)


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether they gave a password or code a few minutes ago at most."""
    records = get_authentication_records(request, request.user)
    patience_s = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(time.time() - record["at"] < patience_s for record in records)


def must_have_signed_in_recently(request: HttpRequest) -> None:
    """Called before what does lasting harm in a session left open.

    :raises ReauthenticationRequired: which leads to a page that asks again.
    """
    if settings.STAFF_SECOND_FACTOR and not signed_in_recently(request):
        raise ReauthenticationRequired
