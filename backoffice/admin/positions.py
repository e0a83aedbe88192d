"""What the house is long and short of, its hedges, and how far positions may go."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from backoffice.actors import actor_of
from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.html import NOTHING, amount, column_at, link, plain, table
from backoffice.admin.position_forms import HedgeForm, PositionLimitForm
from backoffice.admin.requesting import RequestingAdmin, Wanted
from fx.money import Denomination, Money, half_even_to_scale
from fx.pricing import RATE_EXPONENT
from paymentprocessor.api.errors import Refusal, ValidationError
from paymentprocessor.api.parameters import parse_instant
from transactions import queries, services
from transactions.models import PositionBook, PositionLimit
from transactions.postings import Instruction, Posted
from transactions.queries.positions import Position, PositionReport

_HEADINGS = [
    "currency", "side", "position#", "average cost#", "mid#", "realised#",
    "unrealised#", "income#", "exposure#", "soft limit#", "hard limit#",
]  # fmt: skip
_UNKNOWN = "unknown"
_HEDGE = "transactions_positionbook_hedge"


@admin.register(PositionBook)
class PositionAdmin(ReadOnlyAdmin):
    """One page: all positions, now or at an instant. Whoever may, records hedges."""

    def get_urls(self) -> list[URLPattern]:
        hedge = self.admin_site.admin_view(self.hedge_view)
        return [path("hedge/", hedge, name=_HEDGE), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        at, said = None, request.GET.get("at", "").strip()
        try:
            at = parse_instant(said, "/at") if said else None
        except ValidationError:
            self.message_user(
                request, "Write an instant like 2026-01-31T12:00:00Z.", messages.ERROR
            )
        report = queries.positions(at=at, now=timezone.now())
        return self._page(
            request,
            "positions",
            title="Positions",
            said=said,
            may_hedge=self.has_hedge_permission(request),
            positions=_table(report),
            at=report.at,
            realised=_rounded(report.realised, report.reporting) or _UNKNOWN,
            unrealised=_rounded(report.unrealised, report.reporting) or _UNKNOWN,
        )

    def hedge_view(self, request: HttpRequest) -> HttpResponse:
        """A form for a trade of the house; what was refused is said above it."""
        if not self.has_hedge_permission(request):
            raise PermissionDenied
        form = HedgeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                _record(request, form)
            except Refusal as refusal:
                form = form.again(refusal)
            else:
                self.message_user(request, "The hedge is recorded.")
                return HttpResponseRedirect(reverse(_POSITIONS))
        return self._page(request, "hedge", title="Record a hedge", form=form)

    def has_hedge_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("transactions.record_hedge"))

    def _page(
        self, request: HttpRequest, template: str, **context: Any
    ) -> HttpResponse:
        everywhere = self.admin_site.each_context(request)
        return TemplateResponse(
            request,
            f"admin/{template}.html",
            everywhere | context | {"opts": self.opts, "media": self.media},
        )


@admin.register(PositionLimit)
class PositionLimitAdmin(RequestingAdmin):
    """Written once; the next limit of a currency supersedes it at its instant.

    It is asked for here, and set when somebody else approves.
    """

    asks_for = "position_limit"
    form = PositionLimitForm
    list_display = [
        "currency", "shown_soft", "shown_hard", "shown_widening",
        column_at("effective_at"), "staff_link", "reason",
    ]  # fmt: skip
    list_select_related = ["staff"]
    ordering = ["currency", "-effective_at", "-id"]
    search_fields = ["currency"]
    readonly_fields = [
        "shown_soft", "shown_hard", "shown_widening", column_at("effective_at"),
        "staff_link",
    ]  # fmt: skip

    def get_fields(
        self, request: HttpRequest, obj: PositionLimit | None = None
    ) -> Sequence[Any]:
        if obj is None:
            return PositionLimitForm.Meta.fields
        return ["currency", *self.readonly_fields, "reason"]

    @admin.display(description="soft limit")
    def shown_soft(self, limit: PositionLimit) -> str:
        return _most(limit.soft, limit.currency)

    @admin.display(description="hard limit")
    def shown_hard(self, limit: PositionLimit) -> str:
        return _most(limit.hard, limit.currency)

    @admin.display(description="widening (bps)")
    def shown_widening(self, limit: PositionLimit) -> str:
        return plain(limit.widen_bps)

    @admin.display(description="set by")
    def staff_link(self, limit: PositionLimit) -> SafeString | str:
        return link(limit.staff)

    def wanted(self, request: HttpRequest, form: PositionLimitForm) -> Wanted:
        return form.wanted


_POSITIONS = "admin:transactions_positionbook_changelist"


def _record(request: HttpRequest, form: HedgeForm) -> Posted:
    said = form.cleaned_data
    actor = actor_of(request, said["reason"])
    assert actor.staff_id is not None, "the console let nobody else in"
    fingerprint = repr(sorted(said.items())).encode()
    return services.record_hedge(
        Instruction(
            principal_id=actor.staff_id,
            staff_id=actor.staff_id,
            idempotency_key=f"hedge-{said['form_id']}",
            fingerprint=hashlib.sha256(fingerprint).digest(),
            reference=said["reference"] or None,
            description=said["reason"],
        ),
        **form.order,
        actor=actor,
    )


def _table(report: PositionReport) -> SafeString | str:
    rows = [
        [
            one.currency.code,
            one.side,
            amount(one.position),
            NOTHING if one.average_cost is None else plain(one.average_cost),
            _rate(one.mid),
            _rounded(one.holding.realised, report.reporting) or NOTHING,
            _rounded(one.unrealised, report.reporting) or NOTHING,
            amount(one.income),
            amount(one.exposure),
            *_limits(one),
        ]
        for one in report.positions
    ]
    return table(_HEADINGS, rows, empty="The house has not traded yet.")


def _limits(one: Position) -> list[str]:
    """The soft and the hard one."""
    most = (one.limit.soft, one.limit.hard) if one.limit else (None, None)
    return [_most(number, one.currency.code) for number in most]


def _most(number: Decimal | None, code: str) -> str:
    return NOTHING if number is None else f"{number.normalize():,f} {code}"


def _rate(mid: Fraction | None) -> str:
    return NOTHING if mid is None else plain(half_even_to_scale(mid, RATE_EXPONENT))


def _rounded(number: Decimal | None, unit: Denomination) -> str:
    """An amount as it can be paid; the API tells all digits of a result."""
    if number is None:
        return ""
    return amount(Money(half_even_to_scale(number, unit.exponent), unit))
