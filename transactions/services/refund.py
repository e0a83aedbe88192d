"""A payment is given back, all of it or a part, by the one who received it."""

from decimal import Decimal
from uuid import UUID

from fx.money import fits
from transactions.errors import NotReversible, RefundTooLarge
from transactions.ledger import post
from transactions.models import Side, TransactionType
from transactions.movement import moves_money
from transactions.postings import Instruction, Posted, Posting, credit, debit
from transactions.queries import posted_transaction, refunded
from transactions.undoing import take_hold_of


@moves_money
def refund(instruction: Instruction, transaction_id: UUID, amount: Decimal) -> Posted:
    """Pay `amount` of a transfer back, as often as something is left of it.

    :raises Refusal: TransactionNotFound, NotReversible, AlreadyReversed,
        RefundTooLarge, UserDeleted, WalletNotFound, WalletFrozen, InsufficientFunds,
        DuplicateReference, IdempotencyKeyReused.
    """
    original = posted_transaction(transaction_id)
    if original.transaction.type != TransactionType.TRANSFER:
        raise NotReversible("Only a transfer is refunded.")
    wallets = take_hold_of(original)
    paid = {e.side: e for e in original.entries if e.wallet_id in wallets}
    payer = wallets[paid[Side.DEBIT].wallet_id]
    payee = wallets[paid[Side.CREDIT].wallet_id]
    money = fits(amount, payee.currency.denomination)
    left = payee.money(paid[Side.CREDIT].amount) - payee.money(
        refunded(original.transaction)
    )
    if left < money:
        raise RefundTooLarge(left)

    return post(
        Posting(
            TransactionType.REFUND,
            owner_id=payee.owner_id,
            lines=[
                debit(payee, money),
                credit(payer, money),
            ],
            instruction=instruction,
            refunds_id=transaction_id,
        )
    )
