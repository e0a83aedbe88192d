"""What customers and the house hold."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from backoffice.admin.acts import carry_out, on_page
from backoffice.admin.adjustments import adjust_here
from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.dates import dates_of
from backoffice.admin.filters import CurrencyFilter, DeletedFilter, PurposeFilter
from backoffice.admin.html import (
    NOTHING,
    amount,
    column_at,
    instant,
    link,
    once,
    table,
    wallet_name,
)
from backoffice.admin.user_tables import wallet_state
from backoffice.queries import house_balances
from backoffice.search import id_begins, matching_users, some_ids
from paymentprocessor.api.errors import Refusal
from transactions.models import Entry
from users.acts import Actor
from wallets import services
from wallets.models import Status, Wallet

LATEST = 20


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    """Balances are the ledger's to write; staff freeze, unfreeze and close."""

    empty_hint = (
        "A wallet opens with its user, or when money first arrives in a currency."
    )
    export_columns = [
        ("id", "id"),
        ("user_id", "owner_id"),
        ("purpose", "purpose"),
        ("currency", "currency_id"),
        ("balance", "real_balance"),
        ("held", "held"),
        ("available", "available"),
        ("version", "version"),
        ("status", "status"),
        ("created_at", "created_at"),
    ]
    list_display = [
        "shown_name", "owner_link", "shown_balance", "shown_held", "shown_available",
        "version", "state",
    ]  # fmt: skip
    list_filter = [
        dates_of("created_at", in_order_of_ids=True),
        PurposeFilter,
        CurrencyFilter,
        "status",
        DeletedFilter,
    ]
    search_fields = ["id"]
    search_help_text = (
        "The owner's name, email, external id or id, or the wallet's id "
        "(the first characters of an id do)."
    )
    fields = readonly_fields = [
        "id", "owner_link", "currency", "purpose", "shown_balance", "shown_held",
        "shown_overdraft_limit", "shown_available", "version", "state",
        column_at("created_at"), column_at("deleted_at"), "latest_entries",
    ]  # fmt: skip
    actions = ["freeze", "unfreeze", "close"]
    actions_detail = ["freeze_here", "unfreeze_here", "close_here", "adjust_here"]
    freeze_here = on_page(
        "freeze",
        "Freeze",
        "Nothing moves into or out of this wallet until somebody unfreezes it.",
        permission="freeze",
    )
    unfreeze_here = on_page(
        "unfreeze", "Unfreeze", "Money moves again at once.", permission="freeze"
    )
    close_here = on_page(
        "close",
        "Close the wallet",
        "The wallet must be empty, and ends for good.",
        permission="close",
    )

    def complete(self, rows: Sequence[Wallet]) -> None:
        held = (
            house_balances() if any(wallet.owner_id is None for wallet in rows) else {}
        )
        for wallet in rows:
            wallet.real_balance = wallet.balance
            if wallet.owner_id is None:
                # A house account's row stays at zero; what it holds is its entries.
                total = held.get((wallet.purpose, wallet.currency_id))
                wallet.real_balance = total.amount if total else Decimal(0)

    @admin.display(description="wallet")
    def shown_name(self, wallet: Wallet) -> str:
        if wallet.owner_id is None:
            return f"{wallet.currency_id} {wallet.purpose}"
        return wallet.currency_id

    @admin.display(description="owner")
    def owner_link(self, wallet: Wallet) -> SafeString | str:
        return "the house" if wallet.owner_id is None else link(wallet.owner)

    @admin.display(description="balance")
    def shown_balance(self, wallet: Wallet) -> str:
        return amount(wallet.money(wallet.real_balance))

    @admin.display(description="held")
    def shown_held(self, wallet: Wallet) -> str:
        return _customers(wallet, wallet.held)

    @admin.display(description="available")
    def shown_available(self, wallet: Wallet) -> str:
        return _customers(wallet, wallet.available)

    @admin.display(description="overdraft limit")
    def shown_overdraft_limit(self, wallet: Wallet) -> str:
        return _customers(wallet, wallet.overdraft_limit)

    @admin.display(description="status")
    def state(self, wallet: Wallet) -> str:
        return wallet_state(wallet)

    @once
    @admin.display(description="latest entries")
    def latest_entries(self, wallet: Wallet) -> SafeString | str:
        if wallet.owner_id is None:
            return "A house account has no order of entries: see the transactions."
        entries = Entry.objects.filter(wallet=wallet, wallet_version__isnull=False)
        newest = entries.select_related("transaction").order_by("-wallet_version")
        return table(
            [
                "Version#",
                "Transaction",
                "Recorded",
                "Side",
                "Amount#",
                "Balance after#",
            ],
            (
                (
                    entry.wallet_version,
                    link(entry.transaction, entry.transaction.get_type_display()),
                    instant(entry.recorded_at),
                    entry.side,
                    amount(wallet.money(entry.amount)),
                    amount(wallet.money(entry.balance_after or Decimal(0))),
                )
                for entry in newest[:LATEST]
            ),
            empty="No entries.",
        )

    def heading(self, row: Wallet) -> str:
        return wallet_name(row)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wallet]:
        return Wallet.all_objects.select_related("owner", "currency")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Customers' wallets the newest first; the house's few by currency."""
        of_house = request.GET.get("purpose") is not None
        return ["currency_id", "purpose", "id"] if of_house else ["-id"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        wallet = super().get_object(request, object_id, from_field)
        if isinstance(wallet, Wallet):
            self.complete([wallet])
        return wallet

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Wallet],
        search_term: str,
    ) -> tuple[QuerySet[Wallet], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        owners = some_ids(matching_users(term))
        return queryset.filter(id_begins(term) | Q(owner_id__in=owners)), False

    def customer_of(self, row: Wallet) -> UUID | None:
        return row.owner_id

    def fits(self, act: str, row: Wallet) -> bool:
        if row.owner_id is None or row.is_deleted:
            return False
        frozen = row.status == Status.FROZEN
        return {"freeze_here": not frozen, "unfreeze_here": frozen}.get(act, True)

    def has_freeze_permission(self, request: HttpRequest, wallet: Any = None) -> bool:
        return bool(request.user.has_perm("users.freeze_wallet"))

    def has_close_permission(self, request: HttpRequest, wallet: Any = None) -> bool:
        return bool(request.user.has_perm("users.close_wallet"))

    def has_request_permission(self, request: HttpRequest, wallet: Any = None) -> bool:
        return bool(request.user.has_perm("backoffice.request_approval"))

    adjust_here = adjust_here

    @admin.action(description="Freeze: nothing moves", permissions=["freeze"])
    def freeze(self, request: HttpRequest, wallets: QuerySet[Wallet]) -> None:
        def act(wallet: Wallet, actor: Actor) -> None:
            _must_be_live(wallet)
            services.freeze_wallet(wallet.pk, actor=actor)

        carry_out(self, request, wallets, act, done="Frozen:", name=wallet_name)

    @admin.action(description="Unfreeze: money moves again", permissions=["freeze"])
    def unfreeze(self, request: HttpRequest, wallets: QuerySet[Wallet]) -> None:
        def act(wallet: Wallet, actor: Actor) -> None:
            _must_be_live(wallet)
            services.unfreeze_wallet(wallet.pk, actor=actor)

        carry_out(self, request, wallets, act, done="Unfrozen:", name=wallet_name)

    @admin.action(description="Close an empty wallet for good", permissions=["close"])
    def close(self, request: HttpRequest, wallets: QuerySet[Wallet]) -> None:
        def act(wallet: Wallet, actor: Actor) -> None:
            _must_be_live(wallet)
            services.close_wallet(wallet.pk, now=timezone.now(), actor=actor)

        carry_out(
            self, request, wallets, act, done="Closed:", name=wallet_name, grave=True
        )


def _customers(wallet: Wallet, value: Decimal) -> str:
    """An amount that only customers' wallets have."""
    return NOTHING if wallet.owner_id is None else amount(wallet.money(value))


def _must_be_live(wallet: Wallet) -> None:
    if wallet.owner_id is None:
        raise Refusal("A house account is not to be frozen or closed.")
    if wallet.is_deleted:
        raise Refusal("The wallet has been closed, or was deleted with its owner.")
