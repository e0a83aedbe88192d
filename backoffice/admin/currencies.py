"""The currencies that wallets can be in."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from backoffice.admin.base import ConsoleAdmin
from fx.models import Currency
from fx.money import MAX_EXPONENT


class CurrencyForm(forms.ModelForm):
    """A digital asset to add, or the name of a currency to change."""

    exponent = forms.IntegerField(
        min_value=0,
        max_value=MAX_EXPONENT,
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
    fields = ["code", "name", "exponent", "enabled"]

    def get_readonly_fields(
        self,
        request: HttpRequest,
        obj: Currency | None = None,
    ) -> list[str]:
        return [] if obj is None else ["code", "exponent"]

    def save_model(
        self, request: HttpRequest, obj: Currency, form: Any, change: bool
    ) -> None:
        if not change:
            obj.save(force_insert=True)
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)
