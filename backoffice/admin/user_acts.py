"""What staff do to people, from a list or from their page, and who may."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from backoffice.admin.acts import carry_out, on_page
from backoffice.admin.base import ConsoleAdmin
from backoffice.admin.opening import open_wallet_here
from paymentprocessor.api.errors import Refusal
from users.acts import Actor
from users.models import User
from users.services import reset_second_factor, set_password
from wallets import services


class UserActs(ConsoleAdmin):
    """Hiding and restoring anybody, and opening the logins of staff again."""

    actions = [
        "delete_users", "restore_users", "reset_passwords", "reset_second_factors",
    ]  # fmt: skip
    actions_detail = [f"{act}_here" for act in [*actions, "open_wallet"]]
    open_wallet_here = open_wallet_here
    delete_users_here = on_page(
        "delete_users",
        "Delete",
        "The user and their wallets are hidden, and nothing moves. What they own "
        "stays owed to them, and they can be restored.",
        permission="remove",
    )
    restore_users_here = on_page(
        "restore_users",
        "Restore",
        "The user comes back, with the wallets that went with them.",
        permission="remove",
    )
    reset_passwords_here = on_page(
        "reset_passwords",
        "Reset the password",
        "A one-time password is shown to you once. The old one ends at once.",
        permission="manage_staff",
    )
    reset_second_factors_here = on_page(
        "reset_second_factors",
        "Reset the second factor",
        "Their authenticators and recovery codes are forgotten. They set up others "
        "when they sign in next.",
        permission="manage_staff",
    )

    def fits(self, act: str, row: User) -> bool:
        of_staff = row.username is not None
        return {
            "delete_users_here": not row.is_deleted,
            "restore_users_here": row.is_deleted,
            "open_wallet_here": not row.is_deleted,
            "reset_passwords_here": of_staff,
            "reset_second_factors_here": of_staff,
        }[act]

    def has_remove_permission(self, request: HttpRequest, user: Any = None) -> bool:
        """Whether they may hide users and bring them back; removing is nobody's."""
        return bool(request.user.has_perm("users.delete_user"))

    def has_open_wallet_permission(
        self, request: HttpRequest, user: Any = None
    ) -> bool:
        return bool(request.user.has_perm("users.open_wallet"))

    def has_manage_staff_permission(
        self, request: HttpRequest, user: Any = None
    ) -> bool:
        return bool(request.user.has_perm("users.manage_staff"))

    def may_touch(self, request: HttpRequest, user: User) -> bool:
        """Whoever may change a superuser's login could become one."""
        if request.user.is_superuser:
            return True
        if user.is_superuser or user.pk == request.user.pk:
            return False
        return not user.is_staff or self.has_manage_staff_permission(request)

    def show_password(self, request: HttpRequest, user: User, password: str) -> None:
        self.message_user(
            request,
            format_html(
                "The one-time password of {}, shown only now: <code>{}</code>. It lets "
                "them choose their own, and nothing else.",
                user.username,
                password,
            ),
            messages.WARNING,
        )

    @admin.action(
        description="Delete: hide the user, who can be restored",
        permissions=["remove"],
    )
    def delete_users(self, request: HttpRequest, users: QuerySet[User]) -> None:
        def act(user: User, actor: Actor) -> None:
            if user.pk == request.user.pk:
                raise Refusal("You cannot delete yourself.")
            if not self.may_touch(request, user):
                raise Refusal("Deleting staff takes the right to manage staff.")
            services.delete_user(user.pk, now=timezone.now(), actor=actor)

        carry_out(self, request, users, act, done="Deleted", grave=True)

    @admin.action(description="Restore deleted users", permissions=["remove"])
    def restore_users(self, request: HttpRequest, users: QuerySet[User]) -> None:
        def act(user: User, actor: Actor) -> None:
            if not user.is_deleted:
                raise Refusal("This user has not been deleted.")
            if not self.may_touch(request, user):
                raise Refusal("Restoring staff takes the right to manage staff.")
            services.restore_user(user.pk, actor=actor)

        carry_out(self, request, users, act, done="Restored")

    @admin.action(description="Reset staff passwords", permissions=["manage_staff"])
    def reset_passwords(self, request: HttpRequest, users: QuerySet[User]) -> None:
        def act(user: User, actor: Actor) -> None:
            if user.username is None:
                raise Refusal("Only a login with a username has a password.")
            if not self.may_touch(request, user):
                raise Refusal("This login is not yours to open.")
            password = set_password(user.pk, None, actor=actor)
            self.show_password(request, user, password)

        carry_out(self, request, users, act, done="Another password for", grave=True)

    @admin.action(
        description="Reset staff second factors", permissions=["manage_staff"]
    )
    def reset_second_factors(self, request: HttpRequest, users: QuerySet[User]) -> None:
        def act(user: User, actor: Actor) -> None:
            if not self.may_touch(request, user):
                raise Refusal("This login is not yours to open.")
            reset_second_factor(user.pk, actor=actor)

        carry_out(
            self, request, users, act, done="Forgot the authenticators of", grave=True
        )
