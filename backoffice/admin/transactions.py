"""What moved: to be looked at, and never to be changed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from backoffice.admin import transaction_tables
from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.html import NOTHING, amount, as_json, column_at, link
from backoffice.queries import entries_of
from backoffice.search import MAX_USERS, day, id_begins, some_ids
from fx.money import Money
from transactions.models import Entry, Side, Transaction
from transactions.queries import newest_transaction_ids
from users.models import User
from webhooks.models import Event

# How far back a search by customer goes, and one by a part of a reference.
SEARCHED, SEARCHED_PARTS = 1000, 20_000


@admin.register(Transaction)
class TransactionAdmin(ReadOnlyAdmin):
    """The ledger, newest first, and every transaction with its entries."""

    empty_hint = (
        "Money moves through the API: fund a wallet, and the first one is here."
    )
    export_columns = [
        ("id", "id"),
        ("recorded_at", "recorded_at"),
        ("effective_at", "effective_at"),
        ("type", "type"),
        ("user_id", "owner_id"),
        ("amounts", "summary"),
        ("reference", "reference"),
        ("description", "description"),
        ("idempotency_key", "idempotency_key"),
        ("api_key", "api_key.name"),
        ("reverses", "reverses_id"),
        ("refunds", "refunds_id"),
    ]
    list_display = [
        column_at("recorded_at"),
        "type",
        "owner_link",
        "amounts",
        "shown_reference",
        "key_link",
    ]
    list_filter = ["type", ("recorded_at", admin.DateFieldListFilter)]
    list_select_related = ["owner", "api_key", "conversion"]
    ordering = ["-recorded_at", "-id"]
    search_fields = ["id"]
    search_help_text = (
        "The id (its first characters do), a reference (of the newest "
        f"{SEARCHED_PARTS:,}, a part of it), a customer's whole external id or email "
        f"(their newest {SEARCHED:,}), or a day like 2026-01-31."
    )
    fieldsets = [
        (None, {"fields": [
            "id", "type", "owner_link", column_at("recorded_at"),
            column_at("effective_at"),
        ]}),
        ("Entries", {"fields": ["entries"]}),
        ("Conversion", {"fields": ["price"]}),
        ("Said by the client", {"fields": [
            "shown_reference", "description", "shown_metadata", "idempotency_key",
        ]}),
        ("Where from", {"fields": [
            "key_link", "staff_link", "hold_link", "reverses_link", "reversed_by",
            "event",
        ]}),
    ]  # fmt: skip
    readonly_fields = [
        "owner_link", "entries", "price", "shown_reference", "shown_metadata",
        "key_link", "staff_link", "hold_link", "reverses_link", "reversed_by", "event",
    ]  # fmt: skip

    def complete(self, rows: Sequence[Transaction]) -> None:
        entries = entries_of(row.pk for row in rows)
        for row in rows:
            row.summary = _summary(row, entries)  # type: ignore[attr-defined]

    def customer_of(self, row: Transaction) -> UUID | None:
        return row.owner_id

    @admin.display(description="owner")
    def owner_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.owner)

    @admin.display(description="amount")
    def amounts(self, transaction: Transaction) -> str:
        return str(transaction.summary)  # type: ignore[attr-defined]

    @admin.display(description="reference")
    def shown_reference(self, transaction: Transaction) -> str:
        return transaction.reference or NOTHING

    @admin.display(description="API key")
    def key_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.api_key)

    @admin.display(description="staff")
    def staff_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.staff)

    @admin.display(description="metadata")
    def shown_metadata(self, transaction: Transaction) -> SafeString | str:
        return as_json(transaction.metadata)

    @admin.display(description="entries")
    def entries(self, transaction: Transaction) -> SafeString | str:
        return transaction_tables.entries(transaction)

    @admin.display(description="price")
    def price(self, transaction: Transaction) -> SafeString | str:
        return transaction_tables.price(transaction)

    @admin.display(description="captures")
    def hold_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.hold)

    @admin.display(description="reverses")
    def reverses_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.reverses)

    @admin.display(description="reversed by")
    def reversed_by(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.reversals.first())

    @admin.display(description="event")
    def event(self, transaction: Transaction) -> SafeString | str:
        # By the writer's id, for which there is an index; subjects have none.
        events = Event.objects.filter(xid=transaction.xid, subject_id=transaction.pk)
        return link(events.first())

    def get_fieldsets(
        self, request: HttpRequest, obj: Transaction | None = None
    ) -> Any:
        sets = super().get_fieldsets(request, obj)
        if obj is not None and hasattr(obj, "conversion"):
            return sets
        return [(title, options) for title, options in sets if title != "Conversion"]

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Transaction],
        search_term: str,
    ) -> tuple[QuerySet[Transaction], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if span := day(term):
            begins_at, ends_at = span
            return queryset.filter(
                recorded_at__gte=begins_at, recorded_at__lt=ends_at
            ), False
        return queryset.filter(id_begins(term) | Q(pk__in=_meant_by(term))), False


def _meant_by(term: str) -> list[object]:
    """Transactions of that reference, and the newest of customers of that name."""
    newest = Transaction.objects.order_by("-id").values("pk")[:SEARCHED_PARTS]
    ids: list[object] = [
        *some_ids(Transaction.objects.filter(reference=term)),
        *some_ids(Transaction.objects.filter(pk__in=newest, reference__icontains=term)),
    ]
    customers = User.all_objects.filter(Q(external_id=term) | Q(email=term))
    if owners := some_ids(customers[:MAX_USERS]):
        ids += newest_transaction_ids(owners, limit=SEARCHED)
    return ids


def _summary(transaction: Transaction, entries: Mapping[UUID, Sequence[Entry]]) -> str:
    """What a conversion sold and bought, or what was debited in all, per currency."""
    units = {
        entry.currency: entry.wallet.currency.denomination
        for entry in entries[transaction.pk]
    }
    conversion = getattr(transaction, "conversion", None)
    if conversion is not None:
        sold = Money(conversion.source_amount, units[conversion.source_currency])
        bought = Money(conversion.target_amount, units[conversion.target_currency])
        return f"{amount(sold)} → {amount(bought)}"
    debits: dict[str, Decimal] = {}
    for entry in entries[transaction.pk]:
        if entry.side == Side.DEBIT:
            debits[entry.currency] = (
                debits.get(entry.currency, Decimal(0)) + entry.amount
            )
    return ", ".join(amount(Money(sum_, units[code])) for code, sum_ in debits.items())
