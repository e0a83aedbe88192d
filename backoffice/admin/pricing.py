"""What we charge, version by version, and the prices that were promised."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import SafeString

from backoffice.admin.base import ReadOnlyAdmin
from backoffice.admin.dates import dates_of
from backoffice.admin.html import amount, as_json, column_at, link, plain, short_id
from backoffice.admin.policy_form import PolicyForm, document_in_force
from backoffice.admin.requesting import RequestingAdmin, Wanted
from backoffice.search import id_begins
from fx.models import Currency, PricingPolicy, Quote
from fx.money import Money
from transactions.models import Transaction
from users.models import User


@admin.register(PricingPolicy)
class PricingPolicyAdmin(RequestingAdmin):
    """Asked for here, or published by the API or `publish_policy`; never edited."""

    asks_for = "pricing_policy"
    form = PolicyForm
    empty_hint = "Nothing is charged before a policy is published: ask for one."
    list_display = ["version", column_at("effective_at"), "reason", "rules"]
    ordering = ["-version"]
    readonly_fields = ["shown_document", "published_by"]

    def get_fields(
        self, request: HttpRequest, obj: PricingPolicy | None = None
    ) -> list[Any]:
        if obj is None:
            return PolicyForm.Meta.fields
        return [
            "version", column_at("effective_at"), "reason", "published_by",
            column_at("created_at"), "shown_document", "id",
        ]  # fmt: skip

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"document": document_in_force()}

    def wanted(self, request: HttpRequest, form: PolicyForm) -> Wanted:
        return form.wanted

    @admin.display(description="rules")
    def rules(self, policy: PricingPolicy) -> str:
        spreads, fees = (policy.document.get(kind, ()) for kind in ("spreads", "fees"))
        return f"{len(spreads)} spreads, {len(fees)} fees"

    @admin.display(description="document")
    def shown_document(self, policy: PricingPolicy) -> SafeString | str:
        return as_json(policy.document)

    @admin.display(description="published by")
    def published_by(self, policy: PricingPolicy) -> SafeString | str:
        return link(User.all_objects.filter(pk=policy.staff_id).first())


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """An open one whose time is over is marked expired by the next sweep."""

    list_display = [
        "shown_id",
        "user",
        "sold",
        "bought",
        "rate",
        "status",
        "lock",
        column_at("expires_at"),
    ]
    list_filter = [dates_of("created_at", in_order_of_ids=True), "status", "lock"]
    ordering = ["-pk"]
    search_fields = ["id"]
    search_help_text = "An id of a quote or of a user, or how one begins."
    readonly_fields = [
        "user", "sold", "bought", "shown_fee", "rate", "mid", "spread", "premium",
        "widening", "income", "policy", "observations", "used_by",
    ]  # fmt: skip
    fields = [
        "user",
        "status",
        ("sold", "bought", "fixed_side"),
        "shown_fee",
        ("rate", "mid"),
        ("spread", "income"),
        ("premium", "widening"),
        ("policy", "tier"),
        "observations",
        "lock",
        column_at("created_at"),
        column_at("expires_at"),
        column_at("ended_at"),
        "used_by",
        "id",
    ]

    def complete(self, rows: Sequence[Quote]) -> None:
        users = User.all_objects.in_bulk({row.user_id for row in rows})
        units = Currency.objects.in_bulk()
        for row in rows:
            # Found by the columns below; a page of one quote looks for itself.
            vars(row).update(known_user=users.get(row.user_id), known_units=units)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Quote], search_term: str
    ) -> tuple[QuerySet[Quote], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = id_begins(term) | id_begins(term, "user_id")
        return queryset.filter(found), False

    @admin.display(description="id")
    def shown_id(self, quote: Quote) -> SafeString:
        return short_id(quote.id)

    @admin.display(description="user")
    def user(self, quote: Quote) -> SafeString | str:
        if "known_user" in vars(quote):
            return link(vars(quote)["known_user"])
        return link(User.all_objects.filter(pk=quote.user_id).first())

    @admin.display(description="sold")
    def sold(self, quote: Quote) -> str:
        return _amount(quote, quote.source_currency, quote.source_amount)

    @admin.display(description="bought")
    def bought(self, quote: Quote) -> str:
        return _amount(quote, quote.target_currency, quote.target_amount)

    @admin.display(description="fee, on top")
    def shown_fee(self, quote: Quote) -> str:
        return _amount(quote, quote.source_currency, quote.fee)

    @admin.display(description="spread, as income")
    def income(self, quote: Quote) -> str:
        return _amount(quote, quote.target_currency, quote.spread_amount)

    @admin.display(description="rate")
    def rate(self, quote: Quote) -> str:
        return plain(quote.client_rate)

    @admin.display(description="mid rate")
    def mid(self, quote: Quote) -> str:
        return plain(quote.mid_rate)

    @admin.display(description="spread (bps)")
    def spread(self, quote: Quote) -> str:
        return plain(quote.spread_bps)

    @admin.display(description="of it for the lock")
    def premium(self, quote: Quote) -> str:
        return plain(quote.premium_bps)

    @admin.display(description="of it for the position")
    def widening(self, quote: Quote) -> str:
        return plain(quote.widening_bps)

    @admin.display(description="policy")
    def policy(self, quote: Quote) -> SafeString | str:
        return link(PricingPolicy.objects.filter(pk=quote.policy_id).first())

    @admin.display(description="observations")
    def observations(self, quote: Quote) -> SafeString | str:
        return as_json(quote.rate_ids)

    @admin.display(description="used by")
    def used_by(self, quote: Quote) -> SafeString | str:
        uses = Transaction.objects.filter(conversion__quote_id=quote.id)
        return link(uses.first())


def _amount(quote: Quote, code: str, number: Any) -> str:
    units = vars(quote).get("known_units") or Currency.objects.in_bulk([code])
    return amount(Money(number, units[code].denomination))
