"""What happened, as others are told of it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.dates import dates_of
from backoffice.admin.html import NOTHING, as_json, column_at, link, short_id
from backoffice.search import id_begins
from transactions.models import Hold, Transaction
from users.models import User
from wallets.models import Limit, Wallet
from webhooks.models import Event

EVENT_TYPES = (
    "hold.captured",
    "hold.expired",
    "hold.placed",
    "hold.voided",
    "limit.ended",
    "limit.set",
    "position.soft_limit_passed",
    "transaction.posted",
    "user.created",
    "user.deleted",
    "user.restored",
    "user.updated",
    "wallet.closed",
    "wallet.frozen",
    "wallet.opened",
    "wallet.unfrozen",
)
_SUBJECTS = {
    "hold": Hold,
    "limit": Limit,
    "position": Wallet,
    "transaction": Transaction,
    "user": User,
    "wallet": Wallet,
}


class TypeFilter(admin.SimpleListFilter):
    """The types by name: to ask the table for them would read all of it."""

    title = "type"
    parameter_name = "type"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [(name, name) for name in EVENT_TYPES]

    def queryset(
        self,
        request: HttpRequest,
        queryset: QuerySet[Event],
    ) -> QuerySet[Event] | None:
        return queryset.filter(type=self.value()) if self.value() else None


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The outbox, newest first."""

    empty_hint = "Whatever happens to users, wallets and money is told here."
    list_display = [
        column_at("occurred_at"),
        "type",
        "subject",
        "user",
        "short_data",
        "request_id",
    ]
    list_filter = [dates_of("occurred_at", in_order_of_ids=True), TypeFilter]
    ordering = ["-id"]
    search_fields = ["subject_id"]
    search_help_text = "The id of what it happened to, or its first characters."
    readonly_fields = ["subject", "user", "shown_data"]
    fields = [
        column_at("occurred_at"),
        "type",
        "subject",
        "user",
        "shown_data",
        "request_id",
        "id",
    ]

    @admin.display(description="subject")
    def subject(self, event: Event) -> SafeString | str:
        model = _SUBJECTS.get(event.type.partition(".")[0])
        shown = short_id(event.subject_id)
        return shown if model is None else link(model(pk=event.subject_id), shown)

    @admin.display(description="user")
    def user(self, event: Event) -> SafeString | str:
        if event.user_id is None:
            return NOTHING
        return link(User(pk=event.user_id), short_id(event.user_id))

    @admin.display(description="data")
    def short_data(self, event: Event) -> SafeString | str:
        pairs = ", ".join(
            f"{name}: {value}"
            for name, value in event.data.items()
            if value is not None
        )
        return format_html("{}", pairs or NOTHING)

    @admin.display(description="data")
    def shown_data(self, event: Event) -> SafeString | str:
        return as_json(event.data)

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Event],
        search_term: str,
    ) -> tuple[QuerySet[Event], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(id_begins(term) | id_begins(term, "subject_id")), False
