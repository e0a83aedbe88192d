"""The logins of staff: who may sign in to the console, and in which role."""

import secrets
from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.db import transaction as db_transaction

from paymentprocessor.api.errors import Refusal
from paymentprocessor.database.opens_transaction import opens_transaction
from users.acts import Actor, record_act
from users.errors import UserNotFound
from users.models import User
from users.rights import Rights, rights_of

_SECRET_BYTES = 12


def create_staff(
    *,
    username: str,
    roles: Collection[str],
    name: str = "",
    email: str = "",
    actor: Actor,
) -> tuple[User, str]:
    """Make a login and return it with a password that is good for choosing another.

    :raises Refusal: somebody, perhaps deleted, has that name.
    :raises Group.DoesNotExist: there is no such role.
    """
    password = secrets.token_urlsafe(_SECRET_BYTES)
    user = User(username=username, name=name, email=email, is_staff=True)
    user.password_is_temporary = True
    user.set_password(password)
    try:
        with db_transaction.atomic(durable=True):
            user.save(force_insert=True)
            user.groups.set(_groups(roles))
            after = {"username": username, "roles": sorted(roles)}
            record_act(actor, "staff.created", user, after=after)
    except IntegrityError as clash:
        raise _taken(clash) from clash
    return user, password


def rename_login(user_id: UUID, username: str | None, *, actor: Actor) -> User:
    """Change the name that somebody signs in with.

    :raises UserNotFound, Refusal: nobody is there, or the username is taken.
    """
    try:
        with db_transaction.atomic(durable=True):
            user = _locked(user_id)
            before = {"username": user.username}
            user.username = username
            user.save(update_fields=["username"])
            after = {"username": username}
            record_act(actor, "staff.changed", user, before=before, after=after)
    except IntegrityError as clash:
        raise _taken(clash) from clash
    return user


@opens_transaction
def set_rights(user_id: UUID, rights: Rights, *, actor: Actor) -> User:
    """Make somebody's rights these, and no others.

    :raises UserNotFound, Refusal: nobody is there, or they could not sign in.
    :raises Group.DoesNotExist: there is no such role.
    """
    user = _locked(user_id)
    if user.username is None and (rights.is_staff or rights.is_superuser):
        raise Refusal("Staff sign in by a username.")
    before, after = asdict(rights_of(user)), asdict(rights)
    changed = {name for name in after if after[name] != before[name]}
    user.groups.set(_groups(rights.roles))
    user.is_staff, user.is_superuser = rights.is_staff, rights.is_superuser
    user.save(update_fields=["is_staff", "is_superuser"])
    record_act(
        actor,
        "staff.changed",
        user,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return user


def set_password(user_id: UUID, password: str | None, *, actor: Actor) -> str:
    """Give a login the password its owner chose, or, for None, one to choose another.

    Returns the password.

    :raises UserNotFound:
    """
    is_temporary = password is None
    password = password or secrets.token_urlsafe(_SECRET_BYTES)
    with db_transaction.atomic(durable=True):
        user = _locked(user_id)
        user.set_password(password)
        user.password_is_temporary = is_temporary
        user.save(update_fields=["password", "password_is_temporary"])
        after = {"temporary": is_temporary}
        record_act(actor, "staff.password_set", user, after=after)
    return password


def reset_second_factor(user_id: UUID, *, actor: Actor) -> None:
    """Forget somebody's authenticators, who has lost them; they set up others.

    :raises UserNotFound:
    """
    with db_transaction.atomic(durable=True):
        user = _locked(user_id)
        _, removed = Authenticator.objects.filter(user=user).delete()
        after = {"removed": sum(removed.values())}
        record_act(actor, "staff.second_factor_reset", user, after=after)


def _locked(user_id: UUID) -> User:
    rows = User.objects.select_for_update(no_key=True)
    user: User | None = rows.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user


def _groups(roles: Collection[str]) -> list[Group]:
    return [Group.objects.get(name=role) for role in sorted(roles)]


def _taken(clash: IntegrityError) -> Exception:
    if "username" in str(clash):
        return Refusal("Another user, perhaps a deleted one, has this username.")
    return clash
