"""The feeds that rates are fetched from, and what was wrong with what they said."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from backoffice.actors import MAX_REASON, actor_of
from backoffice.admin.base import ConsoleAdmin, ReadOnlyAdmin
from backoffice.admin.html import column_at
from backoffice.search import day, id_begins
from fx.models import Feed, FeedError
from fx.services import add_feed, change_feed


class FeedForm(forms.ModelForm):
    """Where a feed is, and where in its answer the rates are."""

    reason = forms.CharField(
        max_length=MAX_REASON, help_text="It is kept with what you do."
    )

    class Meta:
        model = Feed
        fields = [
            "name", "enabled", "url", "list_path", "base_path", "quote_path",
            "bid_path", "ask_path", "as_of_path", "header_name", "header_variable",
        ]  # fmt: skip
        help_texts = {
            "name": "What its rates are known by; it can never be changed.",
            "url": "It must be https, and not in our own network.",
            "list_path": "To the list of rates, or the object of them by currency: "
            "names with a dot between each two, as data.rates. Empty: the document.",
            "base_path": "From a rate to its base, or with $. from the document: "
            "$.base. Empty: the euro, which it has to be in any case.",
            "quote_path": "Empty: the name under which the rate stands.",
            "bid_path": "Empty: the rate itself.",
            "ask_path": "Empty: the same as the bid.",
            "as_of_path": "When the rate was published, as $.timestamp: in ISO 8601 "
            "with its offset, or in seconds since 1970.",
            "header_name": "As Authorization. Empty: no header.",
            "header_variable": "The variable of the environment that holds the value; "
            "it begins with FX_FEED_.",
        }


@admin.register(Feed)
class FeedAdmin(ConsoleAdmin):
    """Switched off, never removed: its rates are known by its name."""

    form = FeedForm
    list_display = ["name", "enabled", "url"]
    list_filter = ["enabled"]
    ordering = ["name"]
    search_fields = ["name", "url"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Feed | None = None
    ) -> list[str]:
        return [] if obj is None else ["name"]

    def save_model(
        self, request: HttpRequest, obj: Feed, form: Any, change: bool
    ) -> None:
        actor = actor_of(request, form.cleaned_data["reason"])
        changes = {
            field: form.cleaned_data[field]
            for field in form.changed_data
            if field not in ("name", "reason")
        }
        if not change:
            add_feed(obj, actor=actor)
        elif changes:
            change_feed(obj.pk, changes, actor=actor)


@admin.register(FeedError)
class FeedErrorAdmin(ReadOnlyAdmin):
    """Every fetch that failed and every rate that was not believed."""

    list_display = ["what", "provider", column_at("at")]
    list_filter = [("at", admin.DateFieldListFilter)]
    ordering = ["-id"]
    search_fields = ["provider"]
    search_help_text = "A provider, a day like 2026-01-31, or an id."
    fields = ["what", "excerpt", "provider", column_at("at"), "id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FeedError], search_term: str
    ) -> tuple[QuerySet[FeedError], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if span := day(term):
            return queryset.filter(at__gte=span[0], at__lt=span[1]), False
        return queryset.filter(Q(provider=term.lower()) | id_begins(term)), False
