"""What staff did: to be looked at, taken along, and never to be changed."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.dates import dates_of
from backoffice.admin.html import NOTHING, as_json, column_at, link, short_id
from backoffice.models import ApprovalRequest
from backoffice.search import day, id_begins, matching_users, some_ids
from users.models import StaffAct, User

ACT_KINDS = (
    "apikey.created",
    "apikey.revoked",
    "approval.approved",
    "approval.rejected",
    "approval.requested",
    "breaker.closed",
    "currency.added",
    "currency.changed",
    "feed.added",
    "feed.changed",
    "hedge.recorded",
    "hold.voided",
    "limit.ended",
    "limit.set",
    "list.exported",
    "money.adjustment",
    "money.reversal",
    "page.read",
    "position_limit.set",
    "pricing_policy.published",
    "rate.given",
    "rates.uploaded",
    "staff.changed",
    "staff.created",
    "staff.password_set",
    "staff.second_factor_reset",
    "staff.signed_in",
    "user.created",
    "user.deleted",
    "user.restored",
    "user.updated",
    "wallet.closed",
    "wallet.frozen",
    "wallet.opened",
    "wallet.unfrozen",
)
COMMAND_LINE = "the command line"


class KindFilter(admin.SimpleListFilter):
    """The kinds by name; reading can be left out, which is most of it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [("change", "Any change"), *((kind, kind) for kind in ACT_KINDS)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[StaffAct]
    ) -> QuerySet[StaffAct] | None:
        if self.value() == "change":
            return queryset.exclude(kind="page.read")
        return queryset.filter(kind=self.value()) if self.value() else None


class ByFilter(admin.SimpleListFilter):
    """Whoever may sign in."""

    title = "staff"
    parameter_name = "by"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        staff = User.all_objects.filter(username__isnull=False).order_by("username")
        names = staff.values_list("username", flat=True)[:100]
        return [("-", COMMAND_LINE), *((name, name) for name in names)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[StaffAct]
    ) -> QuerySet[StaffAct] | None:
        if self.value() == "-":
            return queryset.filter(staff=None)
        return queryset.filter(staff__username=self.value()) if self.value() else None


@admin.register(StaffAct)
class StaffActAdmin(ReadOnlyAdmin):
    """The trail, newest first."""

    empty_hint = "Whatever staff do, or read of customers, is listed here."
    list_display = [
        column_at("occurred_at"), "staff_name", "kind", "subject", "reason", "address",
    ]  # fmt: skip
    list_filter = [
        dates_of("occurred_at", in_order_of_ids=True),
        KindFilter,
        ByFilter,
        ("occurred_at", admin.DateFieldListFilter),
    ]
    list_select_related = ["staff"]
    ordering = ["-id"]
    search_fields = ["subject_id"]
    search_help_text = (
        "The id of what it was done to, a customer's id, name, email or external id "
        "(parts do), a request id, or a day like 2026-01-31."
    )
    fields = readonly_fields = [
        column_at("occurred_at"), "staff_link", "kind", "subject", "customer",
        "shown_before", "shown_after", "reason", "approval", "address", "request_id",
        "id",
    ]  # fmt: skip
    export_columns = [
        ("occurred_at", "occurred_at"), ("staff", "staff.username"), ("kind", "kind"),
        ("subject_type", "subject_type"), ("subject_id", "subject_id"),
        ("customer_id", "customer_id"), ("before", "before"), ("after", "after"),
        ("reason", "reason"), ("address", "address"), ("request_id", "request_id"),
    ]  # fmt: skip

    @admin.display(description="staff")
    def staff_name(self, act: StaffAct) -> str:
        return str(act.staff.username) if act.staff else COMMAND_LINE

    @admin.display(description="staff")
    def staff_link(self, act: StaffAct) -> SafeString | str:
        return link(act.staff, act.staff.username) if act.staff else COMMAND_LINE

    @admin.display(description="subject")
    def subject(self, act: StaffAct) -> SafeString | str:
        model = apps.get_model(act.subject_type)
        if not act.subject_id:
            return act.subject_type
        name = model._meta.verbose_name
        return link(model(pk=act.subject_id), f"{name} {act.subject_id[:13]}")

    @admin.display(description="customer")
    def customer(self, act: StaffAct) -> SafeString | str:
        if act.customer_id is None:
            return NOTHING
        return link(User(pk=act.customer_id), short_id(act.customer_id))

    @admin.display(description="approved as")
    def approval(self, act: StaffAct) -> SafeString | str:
        request_id = act.after.get("approval_request")
        if request_id is None:
            return NOTHING
        return link(ApprovalRequest(pk=request_id), short_id(request_id))

    @admin.display(description="before")
    def shown_before(self, act: StaffAct) -> SafeString | str:
        return as_json(act.before)

    @admin.display(description="after")
    def shown_after(self, act: StaffAct) -> SafeString | str:
        return as_json(act.after)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StaffAct], search_term: str
    ) -> tuple[QuerySet[StaffAct], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if span := day(term):
            begins_at, ends_at = span
            return queryset.filter(
                occurred_at__gte=begins_at, occurred_at__lt=ends_at
            ), False
        customers = some_ids(matching_users(term))
        found = Q(subject_id=term) | Q(request_id=term) | id_begins(term)
        return queryset.filter(found | Q(customer_id__in=customers)), False
