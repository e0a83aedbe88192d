"""What the palette finds, which opens everywhere with Ctrl+K: pages, and rows."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from backoffice.navigation import sidebar
from fx.models import Quote
from transactions.models import Hold, Transaction
from users.models import User

# Of each kind so many; who means another looks in its list.
FOUND = 8
_NUL = "\0"
_KINDS = [
    (User, "group"),
    (Transaction, "swap_horiz"),
    (Hold, "pause_circle"),
    (Quote, "lock_clock"),
]


def pages_named(request: HttpRequest, term: str) -> list[SearchResult]:
    """The pages of the sidebar that have `term` in their name."""
    return [
        SearchResult(
            title=item["title"],
            description=section.get("title", "Page"),
            link=item["link"],
            icon=item["icon"],
        )
        for section in sidebar(request)
        for item in section["items"]
        if term.lower() in item["title"].lower()
    ]


def rows_named(request: HttpRequest, term: str) -> list[SearchResult]:
    """Rows of what whoever asks may see, as the lists find them, the newest first."""
    if _NUL in term:
        return []
    return [one for model, icon in _KINDS for one in _found(request, model, icon, term)]


def nothing_named(term: str) -> SearchResult:
    """In place of nothing: the list that says what it can be searched for."""
    return SearchResult(
        title=f"Nothing found for {term}",
        description="see what can be looked for",
        link=f"{reverse('admin:transactions_transaction_changelist')}?"
        f"{urlencode({'q': term})}",
        icon="search_off",
    )


def _found(
    request: HttpRequest, model: type[Any], icon: str, term: str
) -> Iterator[SearchResult]:
    list_ = admin.site.get_model_admin(model)
    if not list_.has_view_permission(request):
        return
    everything = list_.get_queryset(request).select_related(
        *(list_.list_select_related or [])
    )
    matching, _ = list_.get_search_results(request, everything, term)
    rows = list(matching.order_by("-pk")[:FOUND])
    list_.complete(rows)
    for row in rows:
        yield SearchResult(
            title=list_.told(row),
            description=str(model._meta.verbose_name),
            link=reverse(
                f"admin:{model._meta.app_label}_{model._meta.model_name}_change",
                args=[row.pk],
            ),
            icon=icon,
        )
