"""What moved: to be looked at, and never to be changed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from backoffice.admin import transaction_tables
from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.dates import dates_of
from backoffice.admin.html import (
    NOTHING,
    WIDE,
    amount,
    as_json,
    column_at,
    link,
    shown,
)
from backoffice.admin.reversals import NEVER_REVERSED, reverse_here
from backoffice.queries import entries_of, events_of, transactions_of
from backoffice.search import NEWEST, day, id_begins, money, some_ids, with_a_part
from fx.money import Money
from transactions.models import Entry, Side, Transaction
from transactions.queries import newest_transaction_ids
from users.models import User

_OF_CONVERSIONS = {"Conversion", "The price step by step"}
# How far back a search by customer goes.
SEARCHED = 1000


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
    list_filter = [
        dates_of("recorded_at"),
        "type",
        ("recorded_at", admin.DateFieldListFilter),
    ]
    list_select_related = ["owner", "api_key", "conversion"]
    ordering = ["-recorded_at", "-id"]
    search_fields = ["id"]
    search_help_text = (
        "How the id or a reference begins; a customer's whole external id or email "
        f"(their newest {SEARCHED:,}); a day like 2026-01-31; among the newest "
        f"{NEWEST:,}, a part of a reference or an amount like 12.50 USD."
    )
    fieldsets = [
        (None, {"fields": [
            "id", "type", "owner_link", column_at("recorded_at"),
            column_at("effective_at"), "shown_fee",
        ]}),
        ("Accounts", {"fields": ["accounts"], "classes": WIDE}),
        ("Conversion", {"fields": ["price"], "classes": WIDE}),
        ("The price step by step", {"fields": ["steps"], "classes": WIDE}),
        ("Said by the client", {"fields": [
            "shown_reference", "description", "shown_metadata", "idempotency_key",
        ]}),
        ("Where from", {"fields": [
            "key_link", "staff_link", "request_id", "batch_id",
        ]}),
        ("Belongs to", {"fields": [
            "hold_link", "reverses_link", "refunds_link", "undoings", "part_of_link",
            "parts",
        ]}),
        ("Events", {"fields": ["events"], "classes": WIDE}),
    ]  # fmt: skip
    readonly_fields = [
        "owner_link", "shown_fee", "accounts", "price", "steps", "shown_reference",
        "shown_metadata", "key_link", "staff_link", "request_id", "hold_link",
        "reverses_link", "refunds_link", "undoings", "part_of_link", "parts", "events",
    ]  # fmt: skip

    actions_detail = ["reverse_here"]
    reverse_here = reverse_here

    def fits(self, act: str, row: Transaction) -> bool:
        return row.type not in NEVER_REVERSED and not row.reversals.exists()

    def has_request_permission(self, request: HttpRequest, row: Any = None) -> bool:
        return bool(request.user.has_perm("backoffice.request_approval"))

    def complete(self, rows: Sequence[Transaction]) -> None:
        entries = entries_of(row.pk for row in rows)
        for row in rows:
            row.lines = entries[row.pk]  # type: ignore[attr-defined]
            row.summary = _summary(row, entries)  # type: ignore[attr-defined]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        transaction = super().get_object(request, object_id, from_field)
        if isinstance(transaction, Transaction) and not hasattr(transaction, "told"):
            self.complete([transaction])
            transaction.told = events_of(transaction)  # type: ignore[attr-defined]
        return transaction

    def told(self, row: Transaction) -> str:
        said = (
            f"{row.get_type_display()} {self.amounts(row)}, {row.owner or 'the house'}"
        )
        return f"{said}, {row.reference}" if row.reference else said

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

    @admin.display(description="fee")
    def shown_fee(self, transaction: Transaction) -> str:
        first = transaction.lines[0]  # type: ignore[attr-defined]
        return amount(first.wallet.money(transaction.fee))

    @admin.display(description="captures")
    def hold_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.hold)

    @admin.display(description="reverses")
    def reverses_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.reverses)

    @admin.display(description="refunds")
    def refunds_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.refunds)

    @admin.display(description="part of")
    def part_of_link(self, transaction: Transaction) -> SafeString | str:
        return link(transaction.part_of)

    accounts = shown(transaction_tables.accounts, "accounts")
    price = shown(transaction_tables.price, "price")
    steps = shown(transaction_tables.steps, "steps")
    events = shown(transaction_tables.events, "events")
    request_id = shown(transaction_tables.request_id, "request id")
    undoings = shown(transaction_tables.undoings, "undone by")
    parts = shown(transaction_tables.parts, "parts")

    def get_fieldsets(
        self, request: HttpRequest, obj: Transaction | None = None
    ) -> Any:
        sets = super().get_fieldsets(request, obj)
        if obj is not None and hasattr(obj, "conversion"):
            return sets
        return [one for one in sets if one[0] not in _OF_CONVERSIONS]

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
    """Transactions of that reference or amount, and the newest of such customers."""
    everything = Transaction.objects.all()
    ids: list[object] = [
        *some_ids(everything.filter(reference__startswith=term)),
        *with_a_part(everything, ["reference"], term),
    ]
    if wanted := money(term):
        ids += transactions_of(*wanted)
    customers = User.all_objects.filter(
        Q(external_id=term) | Q(email=term) | Q(email=term.lower())
    )
    if owners := some_ids(customers):
        ids += newest_transaction_ids(owners, limit=SEARCHED)
    return ids


def _summary(transaction: Transaction, entries: Mapping[UUID, Sequence[Entry]]) -> str:
    """What a conversion sold and bought, or what was debited in all, per currency."""
    units = {
        entry.currency: entry.wallet.denomination for entry in entries[transaction.pk]
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
