"""What somebody may do at the console: a value, to be compared and asked for."""

from dataclasses import dataclass
from uuid import UUID

from users.models import User


@dataclass(frozen=True)
class Rights:
    """Roles by name, in order; whether they may sign in; whether all is allowed."""

    roles: tuple[str, ...]
    is_staff: bool
    is_superuser: bool


def rights_of(user: User) -> Rights:
    """The rights that somebody has now."""
    roles = user.groups.order_by("name").values_list("name", flat=True)
    return Rights(tuple(roles), user.is_staff, user.is_superuser)


def staff_of(user_id: UUID | None) -> User | None:
    """The live member of staff of that id, with whatever they may do now."""
    user: User | None = User.objects.filter(pk=user_id, is_staff=True).first()
    return user
