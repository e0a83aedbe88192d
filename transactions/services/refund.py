"""A payment is given back, all of it or a part, by whoever received it."""

from decimal import Decimal
from uuid import UUID

from fx.money import fits
from transactions.errors import NotReversible, RefundTooLarge
from transactions.ledger import post
from transactions.models import REFUNDED_TYPES, Side, TransactionType
from transactions.movement import moves_money
from transactions.postings import CASH, Instruction, Posted, Posting, credit, debit
from transactions.queries import posted_transaction, refunded
from transactions.undoing import take_hold_of


@moves_money
def refund(instruction: Instruction, transaction_id: UUID, amount: Decimal) -> Posted:
    """Pay `amount` of a transfer or capture back, as often as something is left of it.

    What a capture paid to the house's cash comes back from there, as if funded.

    :raises Refusal: TransactionNotFound, NotReversible, AlreadyReversed,
        RefundTooLarge, UserDeleted, WalletNotFound, WalletFrozen, InsufficientFunds,
        DuplicateReference, IdempotencyKeyReused.
    """
    original = posted_transaction(transaction_id)
    if original.transaction.type not in REFUNDED_TYPES:
        raise NotReversible("Only a transfer or a capture is refunded.")
    if original.conversion is not None:
        raise NotReversible("What was converted is reversed, and not refunded.")
    wallets = take_hold_of(original)
    paid = {e.side: e for e in original.entries if e.wallet_id in wallets}
    payer = wallets[paid[Side.DEBIT].wallet_id]
    payee = wallets[paid[Side.CREDIT].wallet_id] if Side.CREDIT in paid else None
    money = fits(amount, payer.denomination)
    # What was paid and not what it cost: a fee is no part of it.
    left = (
        payer.money(paid[Side.DEBIT].amount)
        - payer.money(original.transaction.fee)
        - payer.money(refunded(original.transaction))
    )
    if left < money:
        raise RefundTooLarge(left)

    posting = Posting(
        TransactionType.REFUND,
        owner_id=(payee or payer).owner_id,
        lines=[debit(payee or CASH, money), credit(payer, money)],
        instruction=instruction,
        refunds_id=transaction_id,
    )
    return post(posting, last=True)
