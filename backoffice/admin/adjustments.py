"""Asking for a customer's balance to be put right, from the page of the wallet."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.admin.acts import ReasonDialog
from backoffice.admin.requesting import Wanted, asked_in_dialog
from fx.money import parse_amount, positive
from paymentprocessor.api.errors import Refusal
from paymentprocessor.api.errors import ValidationError as WrongAmount
from transactions.models import Side
from wallets.models import Wallet


class AdjustDialog(ReasonDialog):
    """How much, which way, and why."""

    side = forms.ChoiceField(
        label="What the customer gets or gives",
        choices=[
            (Side.CREDIT, "Credit: they get it, out of suspense"),
            (Side.DEBIT, "Debit: it is taken, into suspense"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    amount = forms.CharField(max_length=40, widget=UnfoldAdminTextInputWidget)
    field_order = ["side", "amount", "reason"]

    def clean_amount(self) -> str:
        said: str = self.cleaned_data["amount"]
        try:
            positive(parse_amount(said))
        except WrongAmount as wrong:
            errors = wrong.members["errors"]
            raise ValidationError(errors[0]["detail"]) from wrong
        return said


def _adjust_here(
    self: Any, request: HttpRequest, form: AdjustDialog, object_id: str
) -> HttpResponse:
    page = reverse("admin:wallets_wallet_change", args=[object_id])
    return asked_in_dialog(self, request, page, lambda: _wanted(form, object_id))


def _wanted(form: AdjustDialog, wallet_id: str) -> Wanted:
    wallet = _wallet(wallet_id)
    payload = {
        "user_id": str(wallet.owner_id),
        "currency": wallet.currency_id,
        "amount": form.cleaned_data["amount"],
        "side": form.cleaned_data["side"],
    }
    return Wanted("adjustment", payload, wallet.owner_id)


def _wallet(object_id: str) -> Wallet:
    try:
        wallet = Wallet.objects.filter(pk=object_id, owner__isnull=False).first()
    except ValidationError:
        wallet = None
    if wallet is None:
        raise Refusal("Only a customer's live wallet is adjusted.")
    return wallet


_adjust_here.__name__ = "adjust_here"
adjust_here = action(
    description="Request an adjustment",
    permissions=["request"],
    dialog={
        "title": "Request an adjustment",
        "description": "Somebody else has to approve it. Until then nothing moves; if "
        "the wallet moves meanwhile, the request is void.",
        "form_class": AdjustDialog,
        "form_submit_text": "Request",
    },
)(_adjust_here)
