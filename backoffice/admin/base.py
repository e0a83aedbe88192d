"""What all pages of the console have in common."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.views.decorators.csrf import csrf_protect
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from backoffice.actors import actor_of
from backoffice.admin.acts import ReasonedActionForm
from backoffice.admin.dates import DateFilter
from backoffice.admin.filters import parameter_of
from backoffice.admin.forms import dress
from backoffice.admin.past import acts_on, past_page
from backoffice.export import Column, csv_of
from backoffice.paginator import CountlessPaginator
from backoffice.past import keeps_its_past
from backoffice.spreadsheet import xlsx_of
from paymentprocessor.api.errors import Refusal
from users.services import record_export, record_reading

_NUL = "\0"
_FILES = {"csv": csv_of, "xlsx": xlsx_of}
EXPORT_CHUNK = 500


class ConsoleList(ChangeList):
    """A page of a list, whose rows can be completed once they are known."""

    def get_queryset(self, request: HttpRequest, *args: Any) -> QuerySet[Any]:
        # PostgreSQL refuses NUL in any text, and would do so with an error of ours.
        if any(_NUL in value for values in request.GET.lists() for value in values[1]):
            raise IncorrectLookupParameters("NUL")
        return super().get_queryset(request, *args)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # Equal to what is known, so that the search box claims no number of results.
        self.full_result_count = self.result_count
        rows = list(self.result_list)
        self.result_list = rows
        self.model_admin.complete(rows)

    def date_choices(self) -> list[Any]:
        """The dates above the list, if it has any."""
        of_dates = (one for one in self.filter_specs if isinstance(one, DateFilter))
        return [choice for one in of_dates for choice in one.choices(self)]


class _WithoutTransaction(admin.ModelAdmin):
    """Forms without the transaction that Django opens around them.

    A service opens its own and insists that it is the outermost, so that what it has
    done is done when it returns. Stands last before Django's own class.
    """

    @method_decorator(csrf_protect)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return self._changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class ConsoleAdmin(ModelAdmin, _WithoutTransaction):
    """Lists that count nothing and sort by index only; services do the writing."""

    action_form = ReasonedActionForm
    # What a list without any rows tells to do.
    empty_hint = ""
    # What the list's file holds; without columns there is none.
    export_columns: Sequence[Column] = ()
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by: Sequence[str] = ()
    # The offer to select all rows of all pages; `admin/actions.html` counts without it.
    actions_selection_counter = False

    def complete(self, rows: Sequence[Any]) -> None:
        """Give the rows of a page what they show and do not have: one query for all."""

    def told(self, row: Any) -> str:
        """A row in one line, for those who look for it among others."""
        return str(row)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        dress(form)
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing: forms hold what somebody typed, and not what an address says."""
        return {}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ConsoleList

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> Paginator:
        # Lists say `p`, and the drop-downs that complete a name say `page`.
        number = request.GET.get("p") or request.GET.get("page") or "1"
        return CountlessPaginator(
            queryset,
            per_page,
            page_number=int(number) if number.isdecimal() and len(number) < 9 else 1,
            orphans=orphans,
            allow_empty_first_page=allow_empty_first_page,
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the page offers as a filter.

        Django lets a list be filtered by any column, which makes hashes of passwords
        and keys guessable letter by letter, and tables readable from end to end.
        """
        offered = {parameter_of(entry) for entry in self.get_list_filter(request)}
        return lookup.split("__")[0] in offered

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        if _NUL in object_id:
            return None
        # Unfold asks for the row before Django does, on the same page.
        kept = getattr(request, "console_row", None)
        is_kept = isinstance(kept, self.model) and str(kept.pk) == object_id
        if not (is_kept and request.method == "GET"):
            kept = super().get_object(request, object_id, from_field)
            request.console_row = kept
        return kept

    def get_urls(self) -> list[URLPattern]:
        if not self.export_columns:
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(self.export_view)
        return [
            path("export/", view, {"kind": "csv"}, name=name),
            path("export/xlsx/", view, {"kind": "xlsx"}, name=f"{name}_xlsx"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        more = {"title": title} | (extra_context or {})
        if self.export_columns:
            query = request.GET.urlencode()
            more["exports"] = [
                ("CSV", f"export/?{query}"),
                ("XLSX", f"export/xlsx/?{query}"),
            ]
        return super().changelist_view(request, more)

    def export_view(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        """All rows of the list as it is filtered now, as a file; written down."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.label_lower.replace('.', '_')}_changelist")
            )
        record_export(
            self.model, request.GET.urlencode(), kind=kind, actor=actor_of(request)
        )
        return _FILES[kind](
            self._completed(rows.iterator(chunk_size=EXPORT_CHUNK)),
            self.export_columns,
            name=str(self.opts.verbose_name_plural).replace(" ", "-"),
        )

    def _completed(self, rows: Iterator[Any]) -> Iterator[Any]:
        while chunk := list(islice(rows, EXPORT_CHUNK)):
            self.complete(chunk)
            yield from chunk

    def fits(self, act: str, row: Any) -> bool:
        """Whether the page of this row offers the act now."""
        return True

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        acts = super().get_actions_detail(request, object_id)
        row = self.get_object(request, str(object_id)) if acts else None
        return [act for act in acts if row is None or self.fits(act.path, row)]

    def heading(self, row: Any) -> str:
        """What stands above the page of a row."""
        return str(row)

    def customer_of(self, row: Any) -> UUID | None:
        """Whose page this row's is: reading it is written down."""
        return None

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        answer = super().change_view(request, object_id, form_url, extra_context)
        shown = getattr(answer, "context_data", None) or {}
        row = shown.get("original")
        if not isinstance(row, Model):
            return answer
        shown["subtitle"] = self.heading(row)
        customer_id = self.customer_of(row) if request.method == "GET" else None
        if customer_id is not None:
            record_reading(row, customer_id=customer_id, actor=actor_of(request))
        return answer

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """How the row came to be as it is; or what staff did to it, which is less."""
        if keeps_its_past(self.model):
            return past_page(self, request, object_id)
        return HttpResponseRedirect(acts_on(object_id))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the service has written the act down."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the service has written the act down."""

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Nothing is ever removed, by nobody; the database refuses it as well."""
        return False

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        """Act on the rows that were ticked, and not on all that match."""
        try:
            for chosen in request.POST.getlist("_selected_action"):
                self.opts.pk.to_python(chosen)
        except ValidationError:
            self.message_user(request, "There are no such rows.", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        if request.POST.get("select_across", "0") != "0":
            self.message_user(
                request, "Tick the rows themselves, page by page.", messages.ERROR
            )
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)


class ReadOnlyAdmin(ConsoleAdmin):
    """Nobody adds or changes rows here, superusers neither."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False
