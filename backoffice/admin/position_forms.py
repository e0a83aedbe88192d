"""The forms of the treasury: a trade with the market, and how far a position may go."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from backoffice.admin.forms import amount_field
from backoffice.admin.requesting import Wanted
from backoffice.refusals import say_in
from fx.models import Currency
from fx.money import plain
from paymentprocessor.api.errors import Refusal
from transactions.models import PositionLimit
from transactions.models.position_limit import MAX_WIDENING_BPS


def _currency() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(Currency.objects.order_by("code"))


class HedgeForm(forms.Form):
    """What the house sold and bought, to whom, and why."""

    # The same for a form that is sent twice, which is then booked once.
    form_id = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    sell_amount = amount_field()
    sell_currency = _currency()
    buy_amount = amount_field()
    buy_currency = _currency()
    counterparty = forms.CharField(max_length=200)
    reference = forms.CharField(
        max_length=255, required=False, help_text="The ticket of the trade; unique."
    )
    reason = forms.CharField(max_length=500)

    def again(self, refusal: Refusal) -> "HedgeForm":
        """The same words to be corrected; what was refused under its id stays so."""
        form = HedgeForm({**self.data.dict(), "form_id": str(uuid4())})
        say_in(form, refusal)
        return form

    @property
    def order(self) -> dict[str, Any]:
        """What `record_hedge` takes."""
        said = self.cleaned_data
        return {
            "sell_currency": said["sell_currency"].code,
            "sell_amount": said["sell_amount"],
            "buy_currency": said["buy_currency"].code,
            "buy_amount": said["buy_amount"],
            "counterparty": said["counterparty"],
        }


class PositionLimitForm(forms.ModelForm):
    """A limit that supersedes the one before."""

    currency = _currency()
    soft = amount_field(
        required=False, help_text="Beyond it, the price of going further is widened."
    )
    hard = amount_field(
        required=False, help_text="Nothing goes beyond it. Leave both empty to lift."
    )
    widen_bps = forms.DecimalField(
        initial=0,
        min_value=0,
        max_value=MAX_WIDENING_BPS,
        decimal_places=4,
        label="Widening",
        help_text="In basis points of the price.",
    )
    effective_at = forms.DateTimeField(
        required=False,
        label="Effective at (UTC)",
        help_text="Leave empty for when it is approved.",
    )

    class Meta:
        model = PositionLimit
        fields = ["currency", "soft", "hard", "widen_bps", "effective_at", "reason"]

    def clean_currency(self) -> str:
        currency: Currency = self.cleaned_data["currency"]
        return currency.code

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        soft, hard = said.get("soft"), said.get("hard")
        if soft is not None and hard is not None and soft > hard:
            self.add_error("hard", "It cannot be below the soft limit.")
        return said

    @property
    def wanted(self) -> Wanted:
        """The limit, as it is asked for."""
        said = self.cleaned_data
        at: datetime | None = said["effective_at"]
        payload = {
            "currency": said["currency"],
            "soft": None if said["soft"] is None else plain(said["soft"]),
            "hard": None if said["hard"] is None else plain(said["hard"]),
            "widen_bps": plain(said["widen_bps"]),
            "effective_at": at.isoformat() if at else None,
        }
        return Wanted("position_limit", payload)
