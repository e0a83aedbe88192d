"""What a key may do: default deny."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from users.errors import UserNotFound
from users.models import ApiKey


@dataclass(frozen=True)
class Access:
    """What one action of a view asks of a key."""

    scope: str
    platform_only: bool = False


class HasScope(BasePermission):
    """Looks the action up in the view's `access` table; not listed is not allowed."""

    message = "This API key may not do that: it lacks the scope."

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            raise NotAuthenticated("Send an API key: Authorization: Bearer <API key>.")
        if view.action == "metadata":
            # OPTIONS: what may be asked of a path is in the schema anyway.
            return True
        access = getattr(view, "access", {}).get(view.action)
        if access is None:
            # Not an action of the view at all: DRF answers 405 after us.
            return view.action is None
        key = calling_key(request)
        if access.platform_only and not key.is_platform:
            self.message = "Only a platform key may do that, not a customer's."
            return False
        self.message = f"This API key may not do that: it lacks {access.scope}."
        return key.allows(access.scope)


def calling_key(request: Request) -> ApiKey:
    """The key that the request was signed in with."""
    assert isinstance(request.auth, ApiKey), "the permission let nobody else pass"
    return request.auth


def must_see(request: Request, user_id: UUID) -> None:
    """A customer's key sees its owner only.

    :raises UserNotFound: for everybody else, the same as for nobody.
    """
    key = calling_key(request)
    if not key.is_platform and key.owner_id != user_id:
        raise UserNotFound
