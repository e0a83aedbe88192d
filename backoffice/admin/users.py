"""People: customers and staff, the deleted ones too."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_post_parameters

from backoffice.admin import user_tables
from backoffice.admin.acts import carry_out
from backoffice.admin.base import ConsoleAdmin
from backoffice.admin.filters import DeletedFilter, StaffFilter
from backoffice.admin.html import NOTHING, column_at
from backoffice.admin.user_forms import NewUserForm, PasswordForm, UserForm
from backoffice.search import matching_users
from paymentprocessor.api.errors import Refusal
from users.models import User
from wallets import services

CUSTOMER_FIELDS = ["name", "email", "external_id"]
CREATED_AT = column_at("created_at")
DELETED_AT = column_at("deleted_at")
LAST_LOGIN = column_at("last_login")
STAFF_FIELDS = ["username", "is_staff", "is_superuser"]


@admin.register(User)
class UserAdmin(ConsoleAdmin, auth_admin.UserAdmin):
    """Who they are, what they hold, and what they did last.

    Customers are changed by the services. What makes somebody staff is a superuser's
    to change, since whoever may give rights could take them all.
    """

    empty_hint = (
        "Programs create customers through the API (POST /v1/users), and staff here."
    )
    form = UserForm
    add_form = NewUserForm
    add_form_template = None
    change_password_form = PasswordForm
    list_display = [
        "shown_name",
        "external_id",
        "email",
        "shown_staff",
        "state",
        CREATED_AT,
    ]
    list_filter = [DeletedFilter, StaffFilter]
    ordering = ["-id"]
    search_fields = ["name"]
    search_help_text = "Name, email, external id, or the id (its first characters do)."
    readonly_fields = [
        "id", "state", CREATED_AT, DELETED_AT, LAST_LOGIN, "password_link",
        "wallets_held", "keys", "latest_transactions",
    ]  # fmt: skip
    actions = ["delete_users", "restore_users"]

    @admin.display(description="name")
    def shown_name(self, user: User) -> str:
        return str(user)

    @admin.display(description="staff")
    def shown_staff(self, user: User) -> str:
        return "staff" if user.is_staff else ""

    @admin.display(description="state")
    def state(self, user: User) -> str:
        return "deleted" if user.is_deleted else "live"

    @admin.display(description="password")
    def password_link(self, user: User) -> SafeString | str:
        if user.username is None:
            return NOTHING
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">Set the password</a>', url)

    @admin.display(description="wallets")
    def wallets_held(self, user: User) -> SafeString | str:
        return user_tables.wallets_held(user)

    @admin.display(description="API keys")
    def keys(self, user: User) -> SafeString | str:
        return user_tables.keys(user)

    @admin.display(description="latest transactions")
    def latest_transactions(self, user: User) -> SafeString | str:
        return user_tables.latest_transactions(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users = User.all_objects.order_by("-id")
        # Drop-downs offer whom something can still be given to.
        return users.live() if request.path.endswith("/autocomplete/") else users

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        term = search_term.strip()
        return (queryset & matching_users(term) if term else queryset), False

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        details = (
            CUSTOMER_FIELDS
            if obj is None
            else [*CUSTOMER_FIELDS, "id", "state", CREATED_AT, DELETED_AT]
        )
        sets: list[Any] = [(None, {"fields": details})]
        if obj is not None:
            sets += [
                ("Wallets", {"fields": ["wallets_held"]}),
                ("Latest transactions", {"fields": ["latest_transactions"]}),
                ("API keys", {"fields": ["keys"]}),
            ]
        if request.user.is_superuser:
            sets.append(("Staff login", _staff_fieldset(obj)))
        return sets

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        if not isinstance(obj, User):
            return True
        return not obj.is_deleted and _may_touch(request, obj)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Whether they may hide users and bring them back; removing is nobody's."""
        return bool(request.user.has_perm("users.delete_user"))

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        if change:
            _update(obj, form)
        else:
            obj.pk = _create(form.cleaned_data).pk

    @method_decorator(sensitive_post_parameters())
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        # Past Django's own, which opens a transaction around the services'.
        return self.changeform_view(request, None, form_url, extra_context)

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 Django's name
        form_url: str = "",
    ) -> HttpResponse:
        user = self.get_object(request, id)
        if not request.user.is_superuser:
            raise PermissionDenied
        if isinstance(user, User) and user.username is None:
            self.message_user(
                request, "Only a login with a username has a password.", messages.ERROR
            )
            return HttpResponseRedirect(
                reverse("admin:users_user_change", args=[user.pk])
            )
        return super().user_change_password(request, id, form_url)

    @admin.action(
        description="Delete: hide the user, who can be restored",
        permissions=["remove"],
    )
    def delete_users(self, request: HttpRequest, users: QuerySet[User]) -> None:
        def act(user: User) -> None:
            if user.pk == request.user.pk:
                raise Refusal("You cannot delete yourself.")
            if not _may_touch(request, user):
                raise Refusal("Only a superuser deletes staff.")
            services.delete_user(user.pk, now=timezone.now())

        carry_out(self, request, users, act, done="Deleted")

    @admin.action(description="Restore deleted users", permissions=["remove"])
    def restore_users(self, request: HttpRequest, users: QuerySet[User]) -> None:
        def act(user: User) -> None:
            if not user.is_deleted:
                raise Refusal("This user has not been deleted.")
            if not _may_touch(request, user):
                raise Refusal("Only a superuser restores staff.")
            services.restore_user(user.pk)

        carry_out(self, request, users, act, done="Restored")


def _may_touch(request: HttpRequest, user: User) -> bool:
    """Whoever may change a superuser's login could become one."""
    return request.user.is_superuser or not (user.is_staff or user.is_superuser)


def _create(said: dict[str, Any]) -> User:
    if said.get("username"):
        return User.objects.create_user(
            said["username"],
            said["password1"],
            name=said["name"],
            email=said["email"],
            is_staff=True,
        )
    return services.create_user(**{field: said[field] for field in CUSTOMER_FIELDS})


def _update(user: User, form: Any) -> None:
    changes = {
        field: form.cleaned_data[field]
        for field in CUSTOMER_FIELDS
        if field in form.changed_data
    }
    if changes:
        services.update_user(user.pk, changes)
    login = [field for field in STAFF_FIELDS if field in form.changed_data]
    if login:
        user.save(update_fields=login)


def _staff_fieldset(user: User | None) -> dict[str, Any]:
    if user is None:
        return {
            "fields": ["username", "password1", "password2"],
            "description": "For a customer, leave this empty. With a username and a "
            "password it becomes a login for staff, without a wallet.",
        }
    rights = ["groups", "user_permissions"]
    return {
        "fields": [*STAFF_FIELDS, "password_link", *rights, LAST_LOGIN],
        "classes": ["collapse"],
    }
