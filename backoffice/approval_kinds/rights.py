"""Somebody of staff gets roles, or loses them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group

from backoffice.approval_kinds.kind import Change, Facts, Payload
from users.acts import Actor
from users.errors import UserNotFound
from users.models import User
from users.rights import Rights, rights_of
from users.services import set_rights


class SetRights(Change):
    """Bound to the login's name and the rights it has: another grant voids it.

    Nobody decides about their own: the login is the request's customer.
    """

    title = "Change somebody's rights"
    permission = "users.manage_staff"

    def told(self, payload: Payload) -> Facts:
        user = User.all_objects.filter(pk=payload["user_id"]).first()
        return {
            "Who": user,
            "Login": payload["had"]["username"] or "none",
            "May sign in": _yes(payload["is_staff"]),
            "May do everything": _yes(payload["is_superuser"]),
            "Roles": ", ".join(payload["roles"]) or "none",
        }

    def bound(self, payload: Payload) -> dict[str, Any]:
        user = _user(payload)
        had = asdict(rights_of(user)) | {"username": user.username}
        return {"had": had | {"roles": list(had["roles"])}}

    def take_turn(self, payload: Payload, *, now: datetime) -> None:
        # Whoever changes rights locks the login first.
        rows = User.objects.select_for_update(no_key=True)
        rows.filter(pk=payload["user_id"]).first()

    def change(self, payload: Payload, *, actor: Actor, now: datetime) -> None:
        rights = Rights(
            tuple(payload["roles"]), payload["is_staff"], payload["is_superuser"]
        )
        set_rights.within(UUID(payload["user_id"]), rights, actor=actor)

    def look(self, payload: Payload, *, now: datetime) -> Facts:
        has = rights_of(_user(payload))
        roles = Group.objects.order_by("name").values_list("name", flat=True)
        return {
            "May sign in": _yes(has.is_staff),
            "May do everything": _yes(has.is_superuser),
            **{f"Role {role}": _yes(role in has.roles) for role in roles},
        }


def _user(payload: Payload) -> User:
    user: User | None = User.objects.filter(pk=payload["user_id"]).first()
    if user is None:
        raise UserNotFound
    return user


def _yes(said: bool) -> str:
    return "yes" if said else "no"
