"""The currencies that wallets can be in."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from backoffice.actors import actor_of
from backoffice.admin.base import ConsoleAdmin
from backoffice.admin.forms import ReasonedForm
from fx.models import Currency
from fx.money import MAX_EXPONENT
from fx.services import add_currency, change_currency


class CurrencyForm(ReasonedForm):
    """A digital asset to add, or the name of a currency to change."""

    exponent = forms.IntegerField(
        min_value=0,
        max_value=MAX_EXPONENT,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="How many decimals amounts have. It can never be changed afterwards.",
    )

    class Meta:
        model = Currency
        fields = ["code", "name", "exponent", "enabled"]
        help_texts = {
            "code": "3 to 12 capital letters and digits. It can never be changed.",
            "enabled": "Switched off, no wallet is opened in it any more.",
        }


@admin.register(Currency)
class CurrencyAdmin(ConsoleAdmin):
    """Switched off, never removed; amounts are booked at the exponent for ever."""

    empty_hint = "Load them with manage.py load_currencies."
    form = CurrencyForm
    list_display = ["code", "name", "exponent", "enabled"]
    list_filter = ["enabled", "exponent"]
    list_per_page = 200
    ordering = ["code"]
    search_fields = ["code", "name"]
    fields = ["code", "name", "exponent", "enabled", "reason"]

    def get_readonly_fields(
        self,
        request: HttpRequest,
        obj: Currency | None = None,
    ) -> list[str]:
        return [] if obj is None else ["code", "exponent"]

    def save_model(
        self, request: HttpRequest, obj: Currency, form: Any, change: bool
    ) -> None:
        actor = actor_of(request, form.cleaned_data["reason"])
        changes = {
            field: form.cleaned_data[field]
            for field in form.changed_data
            if field in ("name", "enabled")
        }
        if not change:
            add_currency(obj, actor=actor)
        elif changes:
            change_currency(obj.pk, changes, actor=actor)
