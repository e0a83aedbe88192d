"""Who acts at the console, why, and from where."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from paymentprocessor.api.errors import Refusal
from users.acts import Actor

MAX_REASON = 500


def actor_of(request: HttpRequest, reason: str = "") -> Actor:
    """Whoever is signed in, with the reason they gave."""
    assert request.user.pk is not None, "nobody acts without having signed in"
    return Actor(request.user.pk, reason, client_address(request))


def given_reason(request: HttpRequest) -> str:
    """What was typed as the reason.

    :raises Refusal: nothing was, or what nobody can keep.
    """
    reason = str(request.POST.get("reason", "")).strip()
    if not reason:
        raise Refusal("Say why: the reason is kept with what you do.")
    if len(reason) > MAX_REASON or "\0" in reason:
        raise Refusal(f"A reason is text of at most {MAX_REASON} characters.")
    return reason


def client_address(request: HttpRequest) -> str | None:
    """The address the request came from, as the first proxy that we trust saw it."""
    address = request.META.get("REMOTE_ADDR", "")
    proxies: int = settings.REST_FRAMEWORK["NUM_PROXIES"]  # type: ignore[assignment]
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and forwarded != [""]:
        address = forwarded[-min(proxies, len(forwarded))].strip()
    try:
        return str(ip_address(address))
    except ValueError:
        # A socket of this machine has no address; others may claim anything.
        return None
