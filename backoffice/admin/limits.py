"""How much customers may move: all rules, those that have ended too."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms.models import construct_instance
from django.http import HttpRequest
from django.utils.safestring import SafeString

from backoffice.admin.acts import carry_out, on_page
from backoffice.admin.forms import ReasonedForm, amount_field
from backoffice.admin.html import NOTHING, amount, column_at, link, plain, wallet_name
from backoffice.admin.requesting import RequestingAdmin, Wanted, ask
from fx.models import Currency
from paymentprocessor.api.errors import Refusal
from users.acts import Actor
from users.models import TIER_PATTERN, User
from wallets.limits import MAX_COUNT
from wallets.models import Limit, Wallet


class LimitForm(ReasonedForm):
    """A rule to set; the service says what is wrong with it."""

    tier = forms.RegexField(
        TIER_PATTERN,
        required=False,
        error_messages={"invalid": "A tier is a lower-case word."},
    )
    max_amount = amount_field(
        required=False, label="Most money", help_text="In the currency."
    )
    max_count = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_COUNT,
        label="Most operations",
    )
    currency = forms.ModelChoiceField(
        Currency.objects.order_by("code"),
        required=False,
        help_text="Empty for all, reckoned in the reporting currency.",
    )

    class Meta:
        model = Limit
        fields = [
            "user", "wallet", "tier", "type", "currency", "window", "max_amount",
            "max_count",
        ]  # fmt: skip
        help_texts = {
            "user": "Of user, wallet and tier one at most; none is everybody.",
            "type": "Empty for all that customers can order.",
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        most = "max_amount", "max_count"
        if not self.errors and all(said.get(name) is None for name in most):
            raise forms.ValidationError("Say how much money, how often, or both.")
        return said

    def clean_currency(self) -> str:
        currency: Currency | None = self.cleaned_data["currency"]
        return currency.code if currency else ""

    def _post_clean(self) -> None:
        # The service knows what makes a rule, and that one of the same scope is not in
        # the way: it is replaced. So the model's own checks would say too much.
        self.instance = construct_instance(self, self.instance)

    @property
    def wanted(self) -> Wanted:
        """The rule, as it is asked for; a wallet's is about its currency."""
        said = self.cleaned_data
        user, wallet, amount = said["user"], said["wallet"], said["max_amount"]
        payload = {
            "window": said["window"],
            "user_id": str(user.pk) if user else None,
            "wallet_id": str(wallet.pk) if wallet else None,
            "tier": said["tier"],
            "type": said["type"],
            "currency": said["currency"] or (wallet.currency_id if wallet else ""),
            "max_amount": None if amount is None else plain(amount),
            "max_count": said["max_count"],
        }
        return Wanted("limit", payload, _customer(user, wallet))


def _customer(user: User | None, wallet: Wallet | None) -> UUID | None:
    if wallet is not None:
        return wallet.owner_id
    return user.pk if user else None


class InForceFilter(admin.SimpleListFilter):
    """In force, or ended."""

    title = "state"
    parameter_name = "ended"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [("no", "In force"), ("yes", "Ended")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Limit]
    ) -> QuerySet[Limit] | None:
        if self.value() in ("yes", "no"):
            return queryset.filter(ended_at__isnull=self.value() == "no")
        return None


@admin.register(Limit)
class LimitAdmin(RequestingAdmin):
    """Never edited: a rule is set in place of the one before, or ended.

    Both are asked for here, and done when somebody else approves.
    """

    asks_for = "limit"

    empty_hint = "Nobody is limited: ask for a rule, for one customer or for everybody."
    form = LimitForm
    autocomplete_fields = ["user", "wallet"]
    list_display = [
        "subject", "shown_type", "shown_currency", "window", "shown_amount",
        "shown_count", column_at("created_at"), column_at("ended_at"), "reason",
    ]  # fmt: skip
    list_filter = [InForceFilter, "window", "type"]
    list_select_related = ["user", "wallet__owner", "unit"]
    ordering = ["-id"]
    readonly_fields = [
        "about", "shown_type", "shown_currency", "shown_amount", "shown_count",
        column_at("created_at"), column_at("ended_at"), "end_reason",
    ]  # fmt: skip
    actions = ["end"]
    actions_detail = ["end_here"]
    end_here = on_page(
        "end",
        "Request its end",
        "Once somebody else has approved it, it limits nobody, and a more general rule "
        "may apply again.",
        permission="end",
    )

    @admin.display(description="about")
    def about(self, limit: Limit) -> SafeString | str:
        words = self.subject(limit)
        row = limit.wallet or limit.user
        return words if row is None else link(row, words)

    @admin.display(description="about")
    def subject(self, limit: Limit) -> str:
        """Whom it limits, for the list, where the words lead to the limit itself."""
        if limit.wallet is not None:
            return wallet_name(limit.wallet)
        if limit.user is not None:
            return str(limit.user)
        return f"tier {limit.tier}" if limit.tier else "everybody"

    @admin.display(description="type")
    def shown_type(self, limit: Limit) -> str:
        return limit.type or "all"

    @admin.display(description="currency")
    def shown_currency(self, limit: Limit) -> str:
        return limit.currency or "all"

    @admin.display(description="amount")
    def shown_amount(self, limit: Limit) -> str:
        most = limit.rule.limit
        return NOTHING if most is None else amount(most)

    @admin.display(description="operations")
    def shown_count(self, limit: Limit) -> str:
        return NOTHING if limit.max_count is None else str(limit.max_count)

    def get_fields(self, request: HttpRequest, obj: Limit | None = None) -> Any:
        if obj is None:
            return [*LimitForm.Meta.fields, "reason"]
        return [
            "about", "shown_type", "shown_currency", "window", "shown_amount",
            "shown_count", "reason", column_at("created_at"), column_at("ended_at"),
            "end_reason",
        ]  # fmt: skip

    def customer_of(self, row: Limit) -> UUID | None:
        return row.wallet.owner_id if row.wallet else row.user_id

    def has_end_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may set limits may end them."""
        return self.has_add_permission(request)

    def wanted(self, request: HttpRequest, form: LimitForm) -> Wanted:
        return form.wanted

    @admin.action(description="Request an end of the limit", permissions=["end"])
    def end(self, request: HttpRequest, limits: QuerySet[Limit]) -> None:
        def act(limit: Limit, actor: Actor) -> None:
            if limit.ended_at is not None:
                raise Refusal("It has ended before.")
            wanted = Wanted(
                "limit_end", {"limit_id": str(limit.pk)}, self.customer_of(limit)
            )
            ask(request, wanted, actor.reason)

        carry_out(self, request, limits, act, done="Requested the end of:")
