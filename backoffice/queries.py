"""What only the console wants to read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from backoffice.models import ApprovalRequest, Decision
from backoffice.search import MAX_FOUND, before_newest
from fx.models import Verdict
from fx.money import Money
from transactions.models import Entry, Transaction
from transactions.queries import trial_balance
from wallets.models import Purpose
from webhooks.models import Event


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


def transactions_of(amount: Decimal, currency: str) -> list[UUID]:
    """The newest transactions with an entry of that much, of those that are new."""
    entries = Entry.objects.filter(currency=currency, amount=amount)
    # Entries lie in the order of their transactions' ids.
    eldest = before_newest(Transaction)
    if eldest is not None:
        entries = entries.filter(transaction_id__gt=eldest)
    ids = entries.order_by("-transaction_id").values_list("transaction_id", flat=True)
    return list(ids.distinct()[:MAX_FOUND])


def events_of(transaction: Transaction) -> list[Event]:
    """What others are told of it, and of the hold that it captures."""
    # By the writer's id, for which there is an index; subjects have none.
    subjects = [transaction.pk, transaction.hold_id]
    events = Event.objects.filter(xid=transaction.xid, subject_id__in=subjects)
    return list(events.order_by("id"))


def still_open(verdicts: QuerySet[Verdict]) -> QuerySet[Verdict]:
    """Those of the verdicts that opened a breaker which nobody has closed since."""
    later = Verdict.objects.filter(
        base=OuterRef("base"), quote=OuterRef("quote"), at__gt=OuterRef("at")
    )
    return verdicts.filter(~Exists(later), kind=Verdict.Kind.OPENED)


def undecided() -> int:
    """How many requests wait for somebody's decision, or to be carried out."""
    still_open = Q(decision=Decision.PENDING, expires_at__gt=Now())
    return ApprovalRequest.objects.filter(
        still_open | Q(decision=Decision.APPROVED)
    ).count()
