"""The life of a customer: it begins with a wallet and never takes one away."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.db import transaction as db_transaction

from fx.queries import find_currency
from paymentprocessor.database.soft_delete import SoftDeleteQuerySet
from users.acts import Actor, record_act
from users.errors import DuplicateExternalId, UserDeleted, UserNotFound
from users.models import DEFAULT_TIER, User
from wallets.models import Wallet
from wallets.opening import add_wallet
from webhooks.services import record_event


def create_user(
    *,
    external_id: str | None = None,
    name: str = "",
    email: str = "",
    tier: str = DEFAULT_TIER,
    actor: Actor | None = None,
) -> User:
    """A new customer, with a wallet in the default currency.

    :raises DuplicateExternalId: the name is taken, if only by somebody deleted.
    """
    user = User(external_id=external_id, name=name, email=email, tier=tier)
    user.set_unusable_password()
    try:
        with db_transaction.atomic(durable=True):
            user.save(force_insert=True)
            record_event(
                "user.created",
                subject_id=user.id,
                user_id=user.id,
                external_id=external_id,
            )
            add_wallet(user, find_currency(settings.DEFAULT_CURRENCY))
            said = {"external_id": external_id, "name": name, "email": email}
            record_act(actor, "user.created", user, customer_id=user.id, after=said)
    except IntegrityError as clash:
        raise _explained(clash, external_id) from clash
    return user


def update_user(
    user_id: UUID, changes: dict[str, str | None], *, actor: Actor | None = None
) -> User:
    """Change some of external_id, name, email and tier; what is not named stays.

    :raises UserNotFound, UserDeleted, DuplicateExternalId:
    """
    try:
        with db_transaction.atomic(durable=True):
            user = _locked(user_id)
            before = {field: getattr(user, field) for field in changes}
            for field, value in changes.items():
                setattr(user, field, value)
            if changes:
                user.save(update_fields=list(changes))
                _tell_update(user, before, changes, actor)
    except IntegrityError as clash:
        raise _explained(clash, changes.get("external_id")) from clash
    return user


def delete_user(user_id: UUID, *, now: datetime, actor: Actor | None = None) -> User:
    """Hide the user and their wallets. What they own stays owed, on the books.

    :raises UserNotFound, UserDeleted:
    """
    with db_transaction.atomic(durable=True):
        # Wallets before the user, the order in which a movement that opens a wallet
        # takes them; a movement that is on its way is let through first.
        list(_wallets_of(user_id))
        user = _locked(user_id)
        _wallets_of(user_id).update(deleted_at=now)
        user.deleted_at = now
        user.save(update_fields=["deleted_at"])
        record_event("user.deleted", subject_id=user.id, user_id=user.id)
        record_act(actor, "user.deleted", user, customer_id=user.id)
    return user


def restore_user(user_id: UUID, *, actor: Actor | None = None) -> User:
    """Bring a deleted user back, with the wallets that went with them.

    :raises UserNotFound: there never was one.
    """
    with db_transaction.atomic(durable=True):
        user = _locked(user_id, deleted=True)
        if not user.is_deleted:
            return user
        # Wallets closed before the deletion have an earlier instant and stay closed.
        Wallet.all_objects.filter(owner=user, deleted_at=user.deleted_at).update(
            deleted_at=None
        )
        user.deleted_at = None
        user.save(update_fields=["deleted_at"])
        record_event("user.restored", subject_id=user.id, user_id=user.id)
        record_act(actor, "user.restored", user, customer_id=user.id)
    return user


def _tell_update(
    user: User,
    before: dict[str, str | None],
    after: dict[str, str | None],
    actor: Actor | None,
) -> None:
    record_event(
        "user.updated", subject_id=user.id, user_id=user.id, changed=sorted(after)
    )
    record_act(
        actor, "user.updated", user, customer_id=user.id, before=before, after=after
    )


def _locked(user_id: UUID, *, deleted: bool = False) -> User:
    """The user's row, locked until commit; a deleted one only if that is wanted."""
    rows = User.all_objects.select_for_update(no_key=True)
    user: User | None = rows.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    if user.is_deleted and not deleted:
        raise UserDeleted
    return user


def _wallets_of(user_id: UUID) -> SoftDeleteQuerySet[Wallet]:
    wallets: SoftDeleteQuerySet[Wallet] = (
        Wallet.objects.filter(owner_id=user_id)
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    return wallets


def _explained(clash: IntegrityError, external_id: str | None) -> Exception:
    if external_id is not None and "external_id" in str(clash):
        return DuplicateExternalId(external_id)
    return clash
