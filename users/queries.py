"""Reading users."""

from uuid import UUID

from users.errors import UserDeleted, UserNotFound
from users.models import User


def find_user(user_id: UUID) -> User:
    """The live user of that id.

    :raises UserDeleted: it was deleted.
    :raises UserNotFound: there never was one.
    """
    user = User.all_objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    if user.is_deleted:
        raise UserDeleted
    return user
