"""What was observed about rates; and what staff have to say about them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backoffice.admin.html import column_at, link, plain
from backoffice.admin.requesting import RequestingAdmin, Wanted
from backoffice.approval_kinds.rates import MOST_RATES, rates_of
from backoffice.search import day, id_begins
from fx.models import Rate
from fx.providers import csv_file
from fx.providers.observation import AbsurdFeed
from paymentprocessor.api.errors import Refusal
from users.models import User


class SaidRatesForm(forms.ModelForm):
    """One rate of the euro by hand, or a file of them."""

    quote = forms.RegexField(
        r"^[A-Z0-9]{3,12}\Z",
        required=False,
        label="Currency",
        help_text="One euro is worth so much of this currency, as of the approval:",
    )
    bid = forms.DecimalField(max_digits=24, decimal_places=12, required=False)
    ask = forms.DecimalField(
        max_digits=24,
        decimal_places=12,
        required=False,
        help_text="Empty: the same as the bid.",
    )
    file = forms.FileField(
        required=False,
        label="Or a file",
        help_text=f"CSV of at most {MOST_RATES} rates, whose first line is "
        f"{','.join(csv_file.COLUMNS)}.",
    )
    reason = forms.CharField(
        max_length=500, help_text="Why; it stays with the rate for ever."
    )

    class Meta:
        model = Rate
        fields = ["quote", "bid", "ask", "reason"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        by_hand = bool(said.get("quote") and said.get("bid") is not None)
        some = any(said.get(field) is not None for field in ("bid", "ask"))
        if by_hand == bool(said.get("file")) or (some and not by_hand):
            raise forms.ValidationError("Give a currency and its bid, or else a file.")
        if said.get("ask") is not None and said["ask"] < said["bid"]:
            raise forms.ValidationError("The bid is above the ask.")
        return said

    @property
    def wanted(self) -> Wanted:
        """The rate, or those of the file, as they are asked for.

        :raises Refusal: the file is none that anybody would believe, or read.
        """
        said = self.cleaned_data
        if not said["file"]:
            ask = said["bid"] if said["ask"] is None else said["ask"]
            rate = {"bid": plain(said["bid"]), "ask": plain(ask)}
            return Wanted("rate", {"quote": said["quote"], **rate})
        try:
            rates = rates_of(csv_file.read(said["file"], now=timezone.now()))
        except AbsurdFeed as absurd:
            raise Refusal(f"Nothing was requested. {absurd}") from absurd
        return Wanted("rates", {"rates": rates})


@admin.register(Rate)
class RateAdmin(RequestingAdmin):
    """Append-only: a correction is a further row.

    What staff have to say is asked for here, and recorded when somebody else approves.
    """

    asks_for = "rate"
    form = SaidRatesForm

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
    readonly_fields = ["pair", "shown_bid", "shown_ask", "said_by"]

    def get_fields(self, request: HttpRequest, obj: Rate | None = None) -> list[Any]:
        if obj is None:
            return ["quote", "bid", "ask", "file", "reason"]
        return [
            "pair", "shown_bid", "shown_ask", column_at("as_of"),
            column_at("fetched_at"), "provider", "said_by", "reason", "id",
        ]  # fmt: skip

    def wanted(self, request: HttpRequest, form: SaidRatesForm) -> Wanted:
        return form.wanted

    @admin.display(description="pair")
    def pair(self, rate: Rate) -> str:
        return f"{rate.base}/{rate.quote}"

    @admin.display(description="bid")
    def shown_bid(self, rate: Rate) -> str:
        return plain(rate.bid)

    @admin.display(description="ask")
    def shown_ask(self, rate: Rate) -> str:
        return plain(rate.ask)

    @admin.display(description="said by")
    def said_by(self, rate: Rate) -> Any:
        return link(User.all_objects.filter(pk=rate.staff_id).first())

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
