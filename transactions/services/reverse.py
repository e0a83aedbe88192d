"""A transaction is undone, entry by entry."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from transactions.errors import NotReversible, ReversalWindowPassed
from transactions.ledger import post
from transactions.models import Entry, Side, TransactionType
from transactions.movement import moves_money
from transactions.postings import (
    HouseAccount,
    Instruction,
    Line,
    Posted,
    Posting,
    credit,
    debit,
)
from transactions.queries import posted_transaction, refunded
from transactions.undoing import take_hold_of
from users.acts import Actor, record_act
from wallets.models import Wallet


@moves_money
def reverse(
    instruction: Instruction,
    transaction_id: UUID,
    *,
    now: datetime,
    forced: bool = False,
    actor: Actor | None = None,
) -> Posted:
    """Post the opposite of every entry of a transaction, once.

    One that is `forced` by staff is not held back by `FX_REVERSAL_WINDOW`; all else
    holds for it, too. `actor` is the member of staff.

    :raises Refusal: TransactionNotFound, NotReversible, AlreadyReversed,
        ReversalWindowPassed, UserDeleted, WalletNotFound, WalletFrozen,
        InsufficientFunds, DuplicateReference, IdempotencyKeyReused.
    """
    original = posted_transaction(transaction_id)
    _check_kind(original)
    if not forced:
        _check_window(original, now)
    wallets = take_hold_of(original)
    if refunded(original.transaction):
        raise NotReversible("A part of this payment was refunded: refund the rest.")

    owner_id = original.transaction.owner_id
    posted = post(
        Posting(
            TransactionType.REVERSAL,
            owner_id=owner_id,
            lines=[_opposite(entry, wallets) for entry in original.entries],
            instruction=instruction,
            reverses_id=transaction_id,
        )
    )
    after = {"reverses": str(transaction_id), "forced": forced}
    reversal = posted.transaction
    record_act(actor, "money.reversal", reversal, customer_id=owner_id, after=after)
    return posted


def _check_kind(original: Posted) -> None:
    type_ = original.transaction.type
    if type_ in (TransactionType.REVERSAL, TransactionType.REFUND):
        raise NotReversible(f"A {type_} is not reversed.")


def _check_window(original: Posted, now: datetime) -> None:
    if original.conversion is not None:
        until = original.transaction.recorded_at + settings.FX_REVERSAL_WINDOW
        if now > until:
            raise ReversalWindowPassed(until)


def _opposite(entry: Entry, wallets: dict[UUID, Wallet]) -> Line:
    account = wallets.get(entry.wallet_id) or HouseAccount(entry.wallet.purpose)
    money = entry.wallet.money(entry.amount)
    return credit(account, money) if entry.side == Side.DEBIT else debit(account, money)
