"""What was observed about rates."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.html import column_at, plain
from backoffice.search import day, id_begins
from fx.models import Rate


@admin.register(Rate)
class RateAdmin(ReadOnlyAdmin):
    """Append-only: a correction is a further row."""

    empty_hint = "Load them with manage.py load_rates; without rates nothing converts."
    export_columns = [
        ("id", "id"),
        ("base", "base"),
        ("quote", "quote"),
        ("bid", "bid"),
        ("ask", "ask"),
        ("as_of", "as_of"),
        ("provider", "provider"),
        ("fetched_at", "fetched_at"),
    ]
    list_display = [
        "pair",
        "shown_bid",
        "shown_ask",
        column_at("as_of"),
        "provider",
        column_at("fetched_at"),
    ]
    list_filter = ["provider", ("as_of", admin.DateFieldListFilter)]
    ordering = ["-as_of", "base", "quote"]
    search_fields = ["quote"]
    search_help_text = (
        "A currency, a pair like EUR/MXN, a day like 2026-01-31, or an id."
    )
    readonly_fields = ["pair", "shown_bid", "shown_ask"]
    fields = [
        "pair",
        "shown_bid",
        "shown_ask",
        column_at("as_of"),
        column_at("fetched_at"),
        "provider",
        "id",
    ]

    @admin.display(description="pair")
    def pair(self, rate: Rate) -> str:
        return f"{rate.base}/{rate.quote}"

    @admin.display(description="bid")
    def shown_bid(self, rate: Rate) -> str:
        return plain(rate.bid)

    @admin.display(description="ask")
    def shown_ask(self, rate: Rate) -> str:
        return plain(rate.ask)

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Rate],
        search_term: str,
    ) -> tuple[QuerySet[Rate], bool]:
        term = search_term.strip().upper()
        if not term:
            return queryset, False
        if span := day(term):
            return queryset.filter(as_of__gte=span[0], as_of__lt=span[1]), False
        base, slash, quote = term.partition("/")
        if slash:
            return queryset.filter(base=base, quote=quote), False
        return queryset.filter(Q(base=term) | Q(quote=term) | id_begins(term)), False
