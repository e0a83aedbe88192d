"""What was observed about rates; and what staff have to say about them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backoffice.actors import actor_of
from backoffice.admin.base import ConsoleAdmin
from backoffice.admin.html import column_at, link, plain
from backoffice.search import day, id_begins
from fx.models import Rate
from fx.providers import csv_file, manual
from fx.providers.observation import AbsurdFeed
from fx.services import Recorded, load_file, set_rate
from paymentprocessor.api.errors import Refusal
from users.acts import Actor
from users.models import User


class SaidRatesForm(forms.ModelForm):
    """One rate of the euro by hand, or a file of them."""

    quote = forms.RegexField(
        r"^[A-Z0-9]{3,12}\Z",
        required=False,
        label="Currency",
        help_text="One euro, as of now, is worth so much of this currency:",
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
        help_text=f"CSV, whose first line is {','.join(csv_file.COLUMNS)}.",
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


@admin.register(Rate)
class RateAdmin(ConsoleAdmin):
    """Append-only: a correction is a further row."""

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

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Rate, form: Any, change: bool
    ) -> None:
        provider, recorded = _record(
            form.cleaned_data, actor_of(request, form.cleaned_data["reason"])
        )
        newest = Rate.objects.filter(provider=provider).order_by("-fetched_at", "-id")
        if not recorded.new:
            raise Refusal("All of these rates are here already.")
        # What is said to have been added, in the message and in the log.
        for name in ("pk", "base", "quote", "provider", "as_of"):
            setattr(obj, name, getattr(newest[0], name))
        if recorded.opened:
            self.message_user(
                request,
                f"{recorded.opened} rates are too far from the last accepted ones: "
                "their breakers are open now.",
                messages.WARNING,
            )

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


def _record(said: dict[str, Any], actor: Actor) -> tuple[str, Recorded]:
    """Who the provider is, and what came of it."""
    now = timezone.now()
    if not said["file"]:
        ask = said["bid"] if said["ask"] is None else said["ask"]
        by_hand = set_rate(
            said["quote"],
            said["bid"],
            ask,
            actor=actor,
            now=now,
        )
        return manual.NAME, by_hand
    try:
        in_file = load_file(
            csv_file.read(said["file"], now=now),
            provider=csv_file.NAME,
            now=now,
            actor=actor,
        )
    except AbsurdFeed as absurd:
        raise Refusal(f"Nothing was recorded. {absurd}") from absurd
    return csv_file.NAME, in_file
