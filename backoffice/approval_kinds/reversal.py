"""A transaction is undone because staff say so."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from backoffice.approval_kinds.kind import Facts, Movement, Payload
from transactions import services
from transactions.models import Entry, Transaction
from transactions.postings import Instruction, Posted
from users.acts import Actor


class Reversal(Movement):
    """Undoes every entry, also after `FX_REVERSAL_WINDOW`; funds and laws still hold.

    What is undone is fixed, as the original is, and the books see to it that nothing of
    it was undone before. So wallets may go on moving meanwhile: a busy payee's always
    do.
    """

    title = "Reverse a transaction"

    def told(self, payload: Payload) -> Facts:
        original = Transaction.objects.get(pk=payload["transaction_id"])
        return {
            "Transaction": original,
            "What it was": original.get_type_display(),
            "Recorded at": original.recorded_at,
            "Of": original.owner,
            "Its reference": original.reference or "none",
            "What is done": "the opposite of every entry, at the old rate",
        }

    def concerned(self, payload: Payload) -> Collection[UUID]:
        entries = Entry.objects.filter(transaction_id=payload["transaction_id"])
        owners = entries.filter(wallet__owner__isnull=False)
        return set(owners.values_list("wallet__owner_id", flat=True))

    def move(
        self, instruction: Instruction, payload: Payload, *, actor: Actor, now: datetime
    ) -> Posted:
        original_id = UUID(payload["transaction_id"])
        return services.reverse(
            instruction, original_id, now=now, forced=True, actor=actor
        )
