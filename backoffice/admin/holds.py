"""Money that is promised: to be looked at, and given up where it must be."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from backoffice.admin.acts import carry_out, on_page
from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.dates import dates_of
from backoffice.admin.html import (
    NOTHING,
    WIDE,
    amount,
    as_json,
    column_at,
    instant,
    link,
    once,
    plain,
    table,
)
from backoffice.search import id_begins, matching_users, some_ids, with_a_part
from fx.models import Currency
from fx.money import Money
from transactions import services
from transactions.models import Entry, Hold, HoldStatus, Side
from transactions.postings import Instruction
from users.acts import Actor

LATEST = 100


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    """Holds, newest first, each with its captures; staff may void one."""

    empty_hint = "Money is promised through the API: place a hold, and it is here."
    export_columns = [
        ("id", "id"),
        ("created_at", "created_at"),
        ("user_id", "owner_id"),
        ("currency", "currency"),
        ("amount", "amount"),
        ("fee", "fee"),
        ("captured", "captured"),
        ("status", "status"),
        ("expires_at", "expires_at"),
        ("ended_at", "ended_at"),
        ("to_user_id", "to_user_id"),
        ("reference", "reference"),
    ]
    list_display = [
        column_at("created_at"), "owner_link", "shown_amount", "shown_captured",
        "state", column_at("expires_at"), "payee", "shown_reference",
    ]  # fmt: skip
    list_filter = [
        dates_of("created_at"),
        "status",
        ("created_at", admin.DateFieldListFilter),
    ]
    list_select_related = ["owner", "to_user", "wallet__currency"]
    ordering = ["-created_at", "-id"]
    search_fields = ["id"]
    search_help_text = (
        "How the id, a reference, or the owner's name, email or external id begins, "
        "and, among the newest, a part of it."
    )
    fieldsets = [
        (None, {"fields": [
            "id", "owner_link", "wallet_link", "shown_amount", "shown_fee",
            "shown_captured", "shown_left", "state", "payee", "conversion",
            column_at("created_at"), column_at("expires_at"), column_at("ended_at"),
        ]}),
        ("Captures", {"fields": ["captures"], "classes": WIDE}),
        ("Said by the client", {"fields": [
            "shown_reference", "description", "shown_metadata", "idempotency_key",
        ]}),
        ("Where from", {"fields": ["key_link", "staff_link"]}),
        ("Voided", {"fields": ["void_reason", "voided_by"]}),
    ]  # fmt: skip
    readonly_fields = [
        "owner_link", "wallet_link", "shown_amount", "shown_fee", "shown_captured",
        "shown_left", "state", "payee", "conversion", "captures", "shown_reference",
        "shown_metadata", "key_link", "staff_link", "voided_by",
    ]  # fmt: skip
    actions = ["void"]
    actions_detail = ["void_here"]
    void_here = on_page(
        "void",
        "Void",
        "What is left of the hold is available to its owner again, and the payee will "
        "not get it. What was captured stays paid.",
        permission="void",
    )

    def told(self, row: Hold) -> str:
        said = f"{self.shown_amount(row)} of {row.owner}, {self.state(row)}"
        return f"{said}, {row.reference}" if row.reference else said

    def customer_of(self, row: Hold) -> UUID | None:
        return row.owner_id

    @admin.display(description="owner")
    def owner_link(self, hold: Hold) -> SafeString | str:
        return link(hold.owner)

    @admin.display(description="wallet")
    def wallet_link(self, hold: Hold) -> SafeString | str:
        return link(hold.wallet, hold.currency)

    @admin.display(description="amount")
    def shown_amount(self, hold: Hold) -> str:
        return amount(hold.wallet.money(hold.amount))

    @admin.display(description="fee")
    def shown_fee(self, hold: Hold) -> str:
        return amount(hold.wallet.money(hold.fee))

    @admin.display(description="captured")
    def shown_captured(self, hold: Hold) -> str:
        return amount(hold.wallet.money(hold.captured))

    @admin.display(description="still held, with what is left of the fee")
    def shown_left(self, hold: Hold) -> str:
        return amount(hold.wallet.money(hold.reserved))

    @admin.display(description="status")
    def state(self, hold: Hold) -> str:
        if hold.status == HoldStatus.ACTIVE and hold.expires_at <= timezone.now():
            ended = hold.status_if_ended(HoldStatus.EXPIRED).label
            return f"{ended}, and waiting for the sweep"
        return hold.get_status_display()

    @admin.display(description="pays")
    def payee(self, hold: Hold) -> SafeString | str:
        return "the house's cash" if hold.to_user_id is None else link(hold.to_user)

    @once
    @admin.display(description="converts")
    def conversion(self, hold: Hold) -> str:
        if hold.quote is None:
            return NOTHING
        target = Currency.objects.get(pk=hold.quote.target_currency).denomination
        bought = amount(Money(hold.quote.target_amount, target))
        return f"into {bought} at {plain(hold.quote.client_rate)}"

    @once
    @admin.display(description="captures")
    def captures(self, hold: Hold) -> SafeString | str:
        taken = Entry.objects.filter(
            transaction__hold=hold, wallet=hold.wallet, side=Side.DEBIT
        ).select_related("transaction")
        return table(
            ["Transaction", "Recorded", "Captured#", "Fee#"],
            (
                (
                    link(entry.transaction, entry.transaction_id),
                    instant(entry.recorded_at),
                    amount(hold.wallet.money(entry.amount - entry.transaction.fee)),
                    amount(hold.wallet.money(entry.transaction.fee)),
                )
                for entry in taken.order_by("-wallet_version")[:LATEST]
            ),
            empty="Nothing was captured.",
        )

    @admin.display(description="reference")
    def shown_reference(self, hold: Hold) -> str:
        return hold.reference or NOTHING

    @admin.display(description="metadata")
    def shown_metadata(self, hold: Hold) -> SafeString | str:
        return as_json(hold.metadata)

    @once
    @admin.display(description="API key")
    def key_link(self, hold: Hold) -> SafeString | str:
        return link(hold.api_key)

    @once
    @admin.display(description="staff")
    def staff_link(self, hold: Hold) -> SafeString | str:
        return link(hold.staff)

    @once
    @admin.display(description="voided by")
    def voided_by(self, hold: Hold) -> SafeString | str:
        return link(hold.voided_by_staff or hold.voided_by_key)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Hold], search_term: str
    ) -> tuple[QuerySet[Hold], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        owners = some_ids(matching_users(term))
        named: list[UUID] = [
            *some_ids(Hold.objects.filter(reference__startswith=term)),
            *with_a_part(Hold.objects.all(), ["reference"], term),
        ]
        meant = id_begins(term) | Q(owner_id__in=owners) | Q(pk__in=named)
        return queryset.filter(meant), False

    def has_void_permission(self, request: HttpRequest, hold: Any = None) -> bool:
        return bool(request.user.has_perm("users.void_hold"))

    @admin.action(description="Void: give up what is left", permissions=["void"])
    def void(self, request: HttpRequest, holds: QuerySet[Hold]) -> None:
        def act(hold: Hold, actor: Actor) -> None:
            assert actor.staff_id is not None, "somebody is signed in"
            why = Instruction(
                principal_id=actor.staff_id,
                staff_id=actor.staff_id,
                description=actor.reason,
            )
            services.void_hold(why, hold.pk, actor=actor)

        carry_out(self, request, holds, act, done="Voided:")
