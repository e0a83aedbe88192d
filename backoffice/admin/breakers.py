"""What was decided about each pair, and breakers that wait for somebody to look."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backoffice.admin.acts import carry_out, on_page
from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.html import column_at, link, plain
from backoffice.admin.requesting import Wanted, ask
from backoffice.approval_kinds.breaker import level_now
from backoffice.queries import still_open
from backoffice.search import id_begins
from fx.models import Verdict
from users.acts import Actor
from users.models import User


class OpenFilter(admin.SimpleListFilter):
    """Breakers that are open at this moment."""

    title = "state"
    parameter_name = "open"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [("now", "Open now")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Verdict]
    ) -> QuerySet[Verdict] | None:
        return still_open(queryset) if self.value() == "now" else None


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    """Written by whoever records rates; two of staff close what has opened."""

    list_display = [
        "pair", "kind", "shown_bid", "shown_ask", column_at("at"), "reason",
    ]  # fmt: skip
    list_filter = [OpenFilter, "kind"]
    ordering = ["-at"]
    search_fields = ["quote"]
    search_help_text = "A currency, a pair like EUR/MXN, or an id."
    readonly_fields = ["pair", "shown_bid", "shown_ask", "closed_by"]
    fields = [
        "pair", "kind", "shown_bid", "shown_ask", column_at("at"), "reason",
        "closed_by", "id",
    ]  # fmt: skip
    actions = ["close"]
    actions_detail = ["close_here"]
    close_here = on_page(
        "close",
        "Request to close the breaker",
        "Once somebody else has approved it, the rate of then is right, and the pair "
        "converts again.",
        permission="close",
    )

    @admin.display(description="bid")
    def shown_bid(self, verdict: Verdict) -> str:
        return plain(verdict.bid)

    @admin.display(description="ask")
    def shown_ask(self, verdict: Verdict) -> str:
        return plain(verdict.ask)

    @admin.display(description="closed by")
    def closed_by(self, verdict: Verdict) -> Any:
        return link(User.all_objects.filter(pk=verdict.staff_id).first())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Verdict], search_term: str
    ) -> tuple[QuerySet[Verdict], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        quote = term.upper().rpartition("/")[2]
        return queryset.filter(Q(quote=quote) | id_begins(term)), False

    def fits(self, act: str, row: Verdict) -> bool:
        return still_open(Verdict.objects.filter(pk=row.pk)).exists()

    def has_close_permission(self, request: HttpRequest, verdict: Any = None) -> bool:
        """Closing adds a verdict and changes none, but it is the same permission."""
        return bool(request.user.has_perm("fx.change_verdict"))

    @admin.action(
        description="Request to close the breaker: the rate of now is right",
        permissions=["close"],
    )
    def close(self, request: HttpRequest, verdicts: QuerySet[Verdict]) -> None:
        def act(verdict: Verdict, actor: Actor) -> None:
            level = level_now(verdict.quote, now=timezone.now())
            ask(request, Wanted("breaker_reset", level), actor.reason)

        carry_out(
            self,
            request,
            verdicts,
            act,
            done="Requested for:",
            name=lambda one: one.pair,
        )
