"""Asking for a transaction to be undone, from its page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action

from backoffice.admin.acts import ReasonDialog
from backoffice.admin.requesting import Wanted, asked_in_dialog
from transactions.models import Transaction, TransactionType

NEVER_REVERSED = (TransactionType.REVERSAL, TransactionType.REFUND)


def _reverse_here(
    self: Any, request: HttpRequest, form: ReasonDialog, object_id: str
) -> HttpResponse:
    def wanted() -> Wanted:
        original = Transaction.objects.get(pk=object_id)
        payload = {"transaction_id": str(original.pk)}
        return Wanted("reversal", payload, original.owner_id)

    page = reverse("admin:transactions_transaction_change", args=[object_id])
    return asked_in_dialog(self, request, page, wanted)


_reverse_here.__name__ = "reverse_here"
reverse_here = action(
    description="Request a reversal",
    permissions=["request"],
    dialog={
        "title": "Request a reversal",
        "description": "Somebody else has to approve it. Then every entry is undone at "
        "the rates of then, however long ago that was, if those who were paid still "
        "have the money.",
        "form_class": ReasonDialog,
        "form_submit_text": "Request",
    },
)(_reverse_here)
