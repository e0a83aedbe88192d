"""Opening a wallet for a customer, from their page."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.actors import actor_of, given_reason
from backoffice.admin.acts import ReasonDialog, left_dialog
from fx.models import Currency
from paymentprocessor.api.errors import Refusal
from wallets import services


class OpenWalletDialog(ReasonDialog):
    """In which currency, and why."""

    currency = forms.ModelChoiceField(
        Currency.objects.filter(enabled=True).order_by("code"),
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ["currency", "reason"]


def _open_wallet_here(
    self: Any, request: HttpRequest, form: OpenWalletDialog, object_id: str
) -> HttpResponse:
    def act() -> None:
        code = form.cleaned_data["currency"].pk
        try:
            actor = actor_of(request, given_reason(request))
            _, is_new = services.open_wallet(UUID(object_id), code, actor=actor)
        except Refusal as refusal:
            self.message_user(request, refusal.detail, messages.ERROR)
        except ValueError:
            self.message_user(request, "There is no such user.", messages.ERROR)
        else:
            told = "is open" if is_new else "was open before"
            self.message_user(request, f"The {code} wallet {told}.")

    page = reverse("admin:users_user_change", args=[object_id])
    return left_dialog(request, page, act)


_open_wallet_here.__name__ = "open_wallet_here"
open_wallet_here = action(
    description="Open a wallet",
    permissions=["open_wallet"],
    dialog={
        "title": "Open a wallet",
        "description": "An empty wallet in another currency, for money to come into.",
        "form_class": OpenWalletDialog,
        "form_submit_text": "Open",
    },
)(_open_wallet_here)
