"""People: customers and staff, the deleted ones too."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.actors import actor_of
from backoffice.admin import user_tables
from backoffice.admin.dates import dates_of
from backoffice.admin.filters import DeletedFilter, StaffFilter
from backoffice.admin.html import WIDE, column_at, once
from backoffice.admin.requesting import Wanted, ask, page_of
from backoffice.admin.user_acts import UserActs
from backoffice.admin.user_forms import NewUserForm, UserForm
from backoffice.search import NEWEST, matching_users, some_ids
from backoffice.signin import must_have_signed_in_recently
from users.acts import Actor
from users.models import User
from users.rights import rights_of
from users.services import create_staff, rename_login
from wallets import services

CUSTOMER_FIELDS = ["name", "email", "external_id"]
CREATED_AT = column_at("created_at")
DELETED_AT = column_at("deleted_at")
LAST_LOGIN = column_at("last_login")
STAFF_FIELDS = ["username", "is_staff"]
# What takes two people to give or take.
RIGHTS = ["is_staff", "is_superuser", "groups"]
_SECTIONS = (
    ("Wallets", "wallets_held"),
    ("Latest transactions", "latest_transactions"),
    ("API keys", "keys"),
    ("Timeline", "happenings"),
)


@admin.register(User)
class UserAdmin(UserActs):
    """Who they are, what they hold, and what they did last.

    What makes somebody staff takes a permission of its own, and nobody changes their
    own rights; superusers are touched by superusers only.
    """

    empty_hint = (
        "Programs create customers through the API (POST /v1/users), and staff here."
    )
    form = UserForm
    add_form = NewUserForm
    export_columns = [
        ("id", "id"),
        ("name", "name"),
        ("email", "email"),
        ("external_id", "external_id"),
        ("created_at", "created_at"),
        ("deleted_at", "deleted_at"),
    ]
    list_display = [
        "shown_name",
        "external_id",
        "email",
        "shown_staff",
        "state",
        CREATED_AT,
    ]
    list_filter = [
        dates_of("created_at", in_order_of_ids=True),
        DeletedFilter,
        StaffFilter,
    ]
    ordering = ["-id"]
    search_fields = ["name"]
    search_help_text = (
        "How a name, an email, an external id or an id begins, or, among the newest "
        f"{NEWEST:,} users, a part of it."
    )
    readonly_fields = [
        "id", "state", CREATED_AT, DELETED_AT, LAST_LOGIN, "wallets_held",
        "keys", "latest_transactions", "happenings",
    ]  # fmt: skip

    @admin.display(description="name")
    def shown_name(self, user: User) -> str:
        return str(user)

    def complete(self, rows: Sequence[User]) -> None:
        prefetch_related_objects([user for user in rows if user.is_staff], "groups")

    @admin.display(description="staff")
    def shown_staff(self, user: User) -> str:
        """The login, and what it may do."""
        if not user.is_staff:
            return ""
        roles = sorted(role.name for role in user.groups.all())
        if user.is_superuser:
            roles.append("superuser")
        return f"{user.username}: {', '.join(roles) or 'no role'}"

    @admin.display(description="state")
    def state(self, user: User) -> str:
        return "deleted" if user.is_deleted else "live"

    @once
    @admin.display(description="wallets")
    def wallets_held(self, user: User) -> SafeString | str:
        return user_tables.wallets_held(user)

    @once
    @admin.display(description="API keys")
    def keys(self, user: User) -> SafeString | str:
        return user_tables.keys(user)

    @once
    @admin.display(description="latest transactions")
    def latest_transactions(self, user: User) -> SafeString | str:
        return user_tables.latest_transactions(user)

    @once
    @admin.display(description="timeline")
    def happenings(self, user: User) -> SafeString | str:
        return user_tables.happenings(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users = User.all_objects.order_by("-id")
        # Drop-downs offer whom something can still be given to.
        return users.live() if request.path.endswith("/autocomplete/") else users

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(pk__in=some_ids(matching_users(term))), False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs.setdefault("form", NewUserForm)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        details = (
            CUSTOMER_FIELDS
            if obj is None
            else [*CUSTOMER_FIELDS, "id", "state", CREATED_AT, DELETED_AT]
        )
        sets: list[Any] = [(None, {"fields": details})]
        if obj is not None:
            sets += [
                (title, {"fields": [field], "classes": WIDE})
                for title, field in _SECTIONS
            ]
        if self.has_manage_staff_permission(request):
            sets.append(("Staff login", _staff_fieldset(request, obj)))
        may_write = (
            self.has_add_permission(request)
            if obj is None
            else self.has_change_permission(request, obj)
        )
        if may_write:
            sets.append((None, {"fields": ["reason"]}))
        return sets

    def told(self, row: User) -> str:
        words = [str(row), row.external_id, row.email]
        return ", ".join(dict.fromkeys(word for word in words if word))

    def customer_of(self, row: User) -> UUID | None:
        return row.pk

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        if not isinstance(obj, User):
            return super().has_change_permission(request, obj)
        if obj.is_deleted or not self.may_touch(request, obj):
            return False
        return super().has_change_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        if {*STAFF_FIELDS, "is_superuser", "groups"} & set(form.changed_data):
            must_have_signed_in_recently(request)
        actor = actor_of(request, form.cleaned_data["reason"])
        if change:
            _update(obj, form, actor)
        else:
            self._create(request, obj, form.cleaned_data, actor)
        if set(RIGHTS) & set(form.changed_data):
            self._ask_for_rights(request, obj.pk, form.cleaned_data)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        """Nothing: roles are given by the service, with the rest."""

    def _create(
        self, request: HttpRequest, obj: User, said: dict[str, Any], actor: Actor
    ) -> None:
        if not said.get("username"):
            words = {field: said[field] for field in CUSTOMER_FIELDS}
            obj.pk = services.create_user(**words, actor=actor).pk
            return
        user, password = create_staff(
            username=said["username"],
            name=said["name"],
            email=said["email"],
            roles=[],
            actor=actor,
        )
        obj.pk = user.pk
        self.show_password(request, user, password)

    def _ask_for_rights(
        self, request: HttpRequest, user_id: UUID, said: dict[str, Any]
    ) -> None:
        has = rights_of(User.objects.get(pk=user_id))
        payload = {
            "user_id": str(user_id),
            "roles": sorted(group.name for group in said["groups"]),
            "is_staff": said.get("is_staff", has.is_staff),
            "is_superuser": said.get("is_superuser", has.is_superuser),
        }
        asked = ask(request, Wanted("rights", payload, user_id), said["reason"])
        self.message_user(
            request,
            format_html(
                'The rights are <a href="{}">requested</a>. Somebody else decides.',
                page_of(asked),
            ),
        )


def _update(user: User, form: Any, actor: Actor) -> None:
    said = form.cleaned_data
    changed = form.changed_data
    words = {field: said[field] for field in CUSTOMER_FIELDS if field in changed}
    if words:
        services.update_user(user.pk, words, actor=actor)
    if "username" in changed:
        rename_login(user.pk, said["username"], actor=actor)


def _staff_fieldset(request: HttpRequest, user: User | None) -> dict[str, Any]:
    if user is None:
        return {
            "fields": ["username", "groups"],
            "description": "For a customer, leave this empty. With a username it "
            "becomes a login for staff, without a wallet; a one-time password is "
            "shown once. Its roles are requested, and somebody else decides.",
        }
    superusers = ["is_superuser"] if request.user.is_superuser else []
    return {
        "fields": [*STAFF_FIELDS, *superusers, "groups", LAST_LOGIN],
        "description": "Rights are requested, and somebody else decides. Who has to "
        "go at once is deleted: they cannot sign in any more.",
    }
