"""Filters that do not read a table to know what they offer."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from wallets.models import Purpose, Wallet


class DeletedFilter(admin.SimpleListFilter):
    """Live or deleted."""

    title = "state"
    parameter_name = "deleted"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [("no", "Live"), ("yes", "Deleted")]

    def queryset(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
    ) -> QuerySet[Any] | None:
        if self.value() in ("yes", "no"):
            return queryset.filter(deleted_at__isnull=self.value() == "no")
        return None


class StaffFilter(admin.SimpleListFilter):
    """Customers or staff."""

    title = "kind"
    parameter_name = "staff"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [("no", "Customers"), ("yes", "Staff")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> QuerySet[Any] | None:
        if self.value() in ("yes", "no"):
            return queryset.filter(is_staff=self.value() == "yes")
        return None


class CurrencyFilter(admin.SimpleListFilter):
    """The currencies that anybody ever held."""

    title = "currency"
    parameter_name = "currency"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        # The first wallet of a currency brings the house's accounts along, so these
        # few rows know the currencies of all.
        cash = Wallet.objects.filter(owner=None, purpose=Purpose.CASH)
        codes = cash.order_by("currency_id").values_list("currency_id", flat=True)
        return [(code, code) for code in codes]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Wallet]
    ) -> QuerySet[Wallet] | None:
        return queryset.filter(currency_id=self.value()) if self.value() else None


class PurposeFilter(admin.SimpleListFilter):
    """Customers' wallets, unless the house's accounts are asked for."""

    title = "purpose"
    parameter_name = "purpose"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        house = [one for one in Purpose if one.is_house]
        return [("house", "The house"), *((one.value, f"- {one}") for one in house)]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *rest = super().choices(changelist)
        yield everything | {"display": "Customers"}
        yield from rest

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Wallet]
    ) -> QuerySet[Wallet] | None:
        if self.value() == "house":
            return queryset.filter(owner=None)
        if self.value() is not None:
            return queryset.filter(owner=None, purpose=self.value())
        # Whoever pastes the id of a house account means that one.
        return None if request.GET.get("q") else queryset.filter(owner__isnull=False)


def parameter_of(entry: Any) -> str:
    """What the address of a list calls a filter, as `list_filter` names it."""
    if isinstance(entry, str):
        return entry
    return str(entry[0] if isinstance(entry, tuple) else entry.parameter_name)
