"""Asking for a transaction to be undone, from its page."""

from backoffice.admin.requesting import AskingDialog, Wanted, asked_in
from transactions.models import Transaction, TransactionType

NEVER_REVERSED = (TransactionType.REVERSAL, TransactionType.REFUND)


class ReverseDialog(AskingDialog):
    """Why it is to be undone."""

    def wanted(self) -> Wanted:
        original = Transaction.objects.get(pk=self.object_id)
        payload = {"transaction_id": str(original.pk)}
        return Wanted("reversal", payload, original.owner_id)


reverse_here = asked_in(
    ReverseDialog,
    "reverse_here",
    "Request a reversal",
    "Somebody else has to approve it. Then every entry is undone at the rates of then, "
    "however long ago that was, if those who were paid still have the money.",
)
