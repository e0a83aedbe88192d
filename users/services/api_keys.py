"""Making and ending the keys that programs sign in with."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction as db_transaction

from users.acts import Actor, record_act
from users.models import ApiKey, User
from users.scopes import ALL_SCOPES

_PREFIX_BYTES = 6
_SECRET_BYTES = 32


def digest(token: str) -> bytes:
    """What we keep of a token: its SHA-256, 32 bytes."""
    return hashlib.sha256(token.encode()).digest()


def create_api_key(
    *,
    name: str,
    scopes: Collection[str],
    owner: User | None = None,
    expires_at: datetime | None = None,
    token: str = "",
    actor: Actor | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its token, which nobody can read again.

    `token` is one that this function made for another database, if both shall know it.

    :raises ValueError: a scope that does not exist, or none at all.
    """
    unknown = set(scopes) - ALL_SCOPES
    if unknown or not scopes:
        problem = (
            f"Unknown scopes: {', '.join(sorted(unknown))}."
            if unknown
            else "A key without scopes can do nothing."
        )
        raise ValueError(f"{problem} Choose from: {', '.join(sorted(ALL_SCOPES))}.")
    token = token or _new_token()
    key = ApiKey(
        name=name,
        prefix=token.split("_")[1],
        digest=digest(token),
        scopes=sorted(scopes),
        owner=owner,
        expires_at=expires_at,
    )
    with db_transaction.atomic(durable=True):
        key.save(force_insert=True)
        after = {"name": name, "scopes": key.scopes}
        record_act(actor, "apikey.created", key, customer_id=key.owner_id, after=after)
    return key, token


def _new_token() -> str:
    prefix = secrets.token_hex(_PREFIX_BYTES)
    return f"fxk_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"


def revoke_api_key(key: ApiKey, *, now: datetime, actor: Actor | None = None) -> None:
    """End a key at once; ending it twice keeps the first instant."""
    with db_transaction.atomic(durable=True):
        valid = ApiKey.objects.filter(pk=key.pk, revoked_at=None)
        if valid.update(revoked_at=now):
            record_act(actor, "apikey.revoked", key, customer_id=key.owner_id)
