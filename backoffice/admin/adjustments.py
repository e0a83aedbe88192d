"""Asking for a customer's balance to be put right, from the page of the wallet."""

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.admin.requesting import AskingDialog, Wanted, asked_in
from fx.money import parse_amount, positive
from paymentprocessor.api.errors import Refusal
from paymentprocessor.api.errors import ValidationError as WrongAmount
from transactions.models import Side
from wallets.models import Wallet


class AdjustDialog(AskingDialog):
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

    def wanted(self) -> Wanted:
        wallet = _wallet(str(self.object_id))
        payload = {
            "user_id": str(wallet.owner_id),
            "currency": wallet.currency_id,
            "amount": self.cleaned_data["amount"],
            "side": self.cleaned_data["side"],
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


adjust_here = asked_in(
    AdjustDialog,
    "adjust_here",
    "Request an adjustment",
    "Somebody else has to approve it. Until then nothing moves; if the wallet moves "
    "meanwhile, the request is void.",
)
