"""The keys that programs sign in with."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSplitDateTimeWidget,
)

from backoffice.actors import actor_of
from backoffice.admin.acts import carry_out, on_page
from backoffice.admin.base import ConsoleAdmin
from backoffice.admin.forms import ReasonedForm
from backoffice.admin.html import column_at, link
from backoffice.admin.user_tables import key_state
from backoffice.search import id_begins
from backoffice.signin import must_have_signed_in_recently
from paymentprocessor.api.errors import Refusal
from users.acts import Actor
from users.models import ApiKey
from users.scopes import ALL_SCOPES
from users.services import create_api_key, revoke_api_key


class NewApiKeyForm(ReasonedForm):
    """What a key is made from; the secret is not for anybody to choose."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in sorted(ALL_SCOPES)],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What the key may do; * is everything.",
    )
    expires_at = forms.SplitDateTimeField(
        required=False, widget=UnfoldAdminSplitDateTimeWidget, help_text="Empty: never."
    )

    class Meta:
        model = ApiKey
        fields = ["name", "owner", "scopes", "expires_at"]
        help_texts = {"owner": "The customer it acts for. Empty: for the platform."}

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise ValidationError("This is in the past.")
        return expires_at


@admin.register(ApiKey)
class ApiKeyAdmin(ConsoleAdmin):
    """Made here and shown once; afterwards a key can be revoked, and nothing else."""

    empty_hint = "Make the first one here, or with manage.py create_api_key."
    form = NewApiKeyForm
    list_display = [
        "shown_key",
        "owner_link",
        "shown_scopes",
        "state",
        column_at("last_used_at"),
        column_at("created_at"),
    ]
    list_select_related = ["owner"]
    ordering = ["-id"]
    search_fields = ["name"]
    search_help_text = "Name, or the beginning of the key (with or without fxk_)."
    autocomplete_fields = ["owner"]
    readonly_fields = ["id", "shown_key", "owner_link", "shown_scopes", "state"]
    actions = ["revoke_keys"]
    actions_detail = ["revoke_keys_here"]
    revoke_keys_here = on_page(
        "revoke_keys",
        "Revoke",
        "Whoever uses this key is refused from now on, for good.",
        permission="revoke",
    )

    @admin.display(description="key")
    def shown_key(self, key: ApiKey) -> str:
        return str(key)

    @admin.display(description="acts for")
    def owner_link(self, key: ApiKey) -> SafeString | str:
        return "the platform" if key.is_platform else link(key.owner)

    @admin.display(description="scopes")
    def shown_scopes(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description="state")
    def state(self, key: ApiKey) -> str:
        return key_state(key)

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[ApiKey],
        search_term: str,
    ) -> tuple[QuerySet[ApiKey], bool]:
        term = search_term.strip()
        # Whoever pastes a whole key is helped as well; its secret is cut off.
        prefix = term.removeprefix("fxk_").split("_")[0]
        found = id_begins(term) | Q(name__icontains=term)
        if prefix:
            found |= Q(prefix__startswith=prefix)
        return (queryset.filter(found) if term else queryset), False

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        if obj is None:
            return ["name", "owner", "scopes", "expires_at", "reason"]
        return [
            "shown_key", "owner_link", "shown_scopes", "state", column_at("created_at"),
            column_at("last_used_at"), column_at("expires_at"), column_at("revoked_at"),
            "id",
        ]  # fmt: skip

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest, key: Any = None) -> bool:
        return bool(request.user.has_perm("users.revoke_apikey"))

    def fits(self, act: str, row: ApiKey) -> bool:
        return row.revoked_at is None

    def customer_of(self, row: ApiKey) -> UUID | None:
        return row.owner_id

    def save_model(
        self, request: HttpRequest, obj: ApiKey, form: Any, change: bool
    ) -> None:
        must_have_signed_in_recently(request)
        said = {field: form.cleaned_data[field] for field in NewApiKeyForm.Meta.fields}
        actor = actor_of(request, form.cleaned_data["reason"])
        key, token = create_api_key(**said, actor=actor)
        obj.pk, obj.prefix = key.pk, key.prefix
        self.message_user(
            request,
            format_html(
                "This is the key. It is shown only now and kept nowhere, so copy it: "
                "<code>{}</code>",
                token,
            ),
            messages.WARNING,
        )

    @admin.action(description="Revoke at once and for good", permissions=["revoke"])
    def revoke_keys(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        def act(key: ApiKey, actor: Actor) -> None:
            if key.revoked_at is not None:
                raise Refusal("This key has been revoked before.")
            revoke_api_key(key, now=timezone.now(), actor=actor)

        carry_out(self, request, keys, act, done="Revoked")
