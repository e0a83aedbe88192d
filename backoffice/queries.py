"""What only the console wants to read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from backoffice.models import ApprovalRequest, Decision
from fx.money import Money
from transactions.models import Entry
from transactions.queries import trial_balance
from wallets.models import Purpose


def house_balances() -> Mapping[tuple[str, str], Money]:
    """What every house account holds, by (purpose, currency), on its normal side.

    Cash is debit-normal, our money at the bank, and all others are credit-normal. The
    rows of house accounts say zero; this adds up their entries since the last fold. An
    account without entries is absent.
    """
    return {
        (total.purpose, one.currency): (
            total.debits - total.credits
            if total.purpose == Purpose.CASH
            else total.credits - total.debits
        )
        for one in trial_balance()
        for total in one.totals
        if total.purpose != Purpose.CUSTOMER
    }


def entries_of(transaction_ids: Iterable[UUID]) -> Mapping[UUID, list[Entry]]:
    """The entries of transactions, with wallets, currencies and owners."""
    entries: dict[UUID, list[Entry]] = defaultdict(list)
    lines = Entry.objects.filter(
        transaction_id__in=list(transaction_ids)
    ).select_related("wallet__currency", "wallet__owner")
    for entry in lines.order_by("line"):
        entries[entry.transaction_id].append(entry)
    return entries


def undecided() -> int:
    """How many requests wait for somebody's decision, or to be carried out."""
    still_open = Q(decision=Decision.PENDING, expires_at__gt=Now())
    return ApprovalRequest.objects.filter(
        still_open | Q(decision=Decision.APPROVED)
    ).count()
